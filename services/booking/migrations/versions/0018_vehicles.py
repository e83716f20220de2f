"""Indexes that find the latest bookings of a vehicle, each partner's own."""

from __future__ import annotations

from shared.migrations import run_scripts

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Make them, in place of those that find all."""
    run_scripts(
        "DROP INDEX bookings_vin",
        "DROP INDEX bookings_plate",
        "CREATE INDEX bookings_vin ON bookings ((car #>> '{vin}'), partner_id, id)",
        """
        CREATE INDEX bookings_plate
            ON bookings ((car #>> '{registration,plate}'), partner_id, id)
        """,
    )


def downgrade() -> None:
    """Find all."""
    run_scripts(
        "DROP INDEX bookings_vin",
        "DROP INDEX bookings_plate",
        "CREATE INDEX bookings_vin ON bookings ((car #>> '{vin}'))",
        "CREATE INDEX bookings_plate ON bookings ((car #>> '{registration,plate}'))",
    )
