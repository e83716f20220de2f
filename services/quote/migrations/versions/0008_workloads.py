"""What workshops have to do."""

from __future__ import annotations

from pathlib import Path

from shared.migrations import run_scripts

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the table; orders that are open already come with their next change."""
    run_scripts(Path(__file__).with_suffix(".sql").read_text())


def downgrade() -> None:
    """Drop it: it is a projection."""
    run_scripts("DROP TABLE workloads")
