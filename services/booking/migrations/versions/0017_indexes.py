"""Indexes: for holds that are to be forgotten, and for lists of bookings by their time."""

from __future__ import annotations

from shared.migrations import run_scripts

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Make them; that of the reminders is the foreign key's, asked for each hold forgotten."""
    run_scripts(
        """
        CREATE INDEX bookings_ended ON bookings (hold_expires_at)
            WHERE status IN ('released', 'expired')
        """,
        """
        CREATE INDEX reminders_rebooked ON reminders (rebooking_id)
            WHERE rebooking_id IS NOT NULL
        """,
        "CREATE INDEX bookings_of_partner_by_time ON bookings (partner_id, drop_off_at)",
        "CREATE INDEX bookings_of_workshop_by_time ON bookings (workshop_id, drop_off_at)",
    )


def downgrade() -> None:
    """Do without."""
    run_scripts(
        "DROP INDEX bookings_ended",
        "DROP INDEX reminders_rebooked",
        "DROP INDEX bookings_of_partner_by_time",
        "DROP INDEX bookings_of_workshop_by_time",
    )
