"""The region that a workshop is in, whose taxes go before its country's."""

from __future__ import annotations

from shared.migrations import run_scripts

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Have room for it; regions' taxes come with the cards, which are told again."""
    run_scripts("ALTER TABLE workshops ADD COLUMN region TEXT")


def downgrade() -> None:
    """Forget it."""
    run_scripts("ALTER TABLE workshops DROP COLUMN region")
