"""Which visitor of the booking page holds a time, as long as it is held."""

from __future__ import annotations

from shared.migrations import run_scripts

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Have room for it; what is held by now is nobody's, and ends in minutes."""
    run_scripts("ALTER TABLE bookings ADD COLUMN held_by_visitor BYTEA")


def downgrade() -> None:
    """Forget it: a workshop's page has its partner's 20 holds again."""
    run_scripts("ALTER TABLE bookings DROP COLUMN held_by_visitor")
