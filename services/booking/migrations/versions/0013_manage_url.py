"""The address at which a customer moves or cancels what was booked on the page."""

from __future__ import annotations

from shared.migrations import run_scripts

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the column; what was booked before has none."""
    run_scripts("ALTER TABLE bookings ADD COLUMN manage_url TEXT")


def downgrade() -> None:
    """Forget the addresses; those that customers have still open."""
    run_scripts("ALTER TABLE bookings DROP COLUMN manage_url")
