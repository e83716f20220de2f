"""The region that a workshop is in."""

from __future__ import annotations

from shared.migrations import run_scripts

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Have room for it; nobody has said it so far."""
    run_scripts("ALTER TABLE workshops ADD COLUMN region TEXT")


def downgrade() -> None:
    """Forget it."""
    run_scripts("ALTER TABLE workshops DROP COLUMN region")
