"""The visit at which a quote's work is to be done."""

from __future__ import annotations

from shared.migrations import run_scripts

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the column; what was booked before has none."""
    run_scripts("ALTER TABLE quotes ADD COLUMN booking_id TEXT")


def downgrade() -> None:
    """Forget which visits there are; the bookings themselves name their quotes."""
    run_scripts("ALTER TABLE quotes DROP COLUMN booking_id")
