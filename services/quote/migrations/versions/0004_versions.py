"""What quotes were before they were revised."""

from __future__ import annotations

from pathlib import Path

from shared.migrations import run_scripts

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table, and know which version was bought."""
    run_scripts(Path(__file__).with_suffix(".sql").read_text())


def downgrade() -> None:
    """Drop them, with what they have."""
    run_scripts("DROP TABLE quote_versions; ALTER TABLE quotes DROP COLUMN ordered_version")
