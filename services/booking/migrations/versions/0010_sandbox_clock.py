"""How far a sandbox's business time was put forward."""

from __future__ import annotations

from shared import tables
from shared.migrations import run_scripts

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the table; it stays empty where no clock is advanced."""
    run_scripts(tables.SANDBOX_CLOCK)


def downgrade() -> None:
    """Go by the wall's clock again."""
    run_scripts("DROP TABLE sandbox_clock")
