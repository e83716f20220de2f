"""Who authorised or declined a line, how and when."""

from __future__ import annotations

from pathlib import Path

from shared.migrations import run_scripts

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Have room for it."""
    run_scripts(Path(__file__).with_suffix(".sql").read_text())


def downgrade() -> None:
    """Forget it."""
    run_scripts("ALTER TABLE quote_items DROP COLUMN consent")
