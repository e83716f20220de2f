"""What was done to a vehicle, as a tenant's own bookings know it."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from services.booking.domain.booking import Booking, Status
from services.booking.repository import booking_lists
from services.booking.tables.bookings import bookings as table
from shared.auth import Caller
from shared.database import Database


async def visits(
    database: Database,
    caller: Caller,
    vehicle: ColumnElement[bool],
    *,
    before: str | None,
    limit: int,
) -> list[Booking]:
    """Read the visits of a vehicle that are done, newest first."""
    done = [vehicle, table.c.status == Status.DONE]
    async with database.reading() as connection:
        return await booking_lists.page(connection, caller, done, before=before, limit=limit)
