"""Lists of bookings that cost the same whoever else has how many.

Each way in which a booking can be a caller's has an index that ends in the id. One statement takes
a page from each of them, and then the newest of those; a condition with OR would read everybody's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, lateral, select, true, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from services.booking.domain.booking import Booking, Status
from services.booking.repository.bookings import booking_of, every_booking
from services.booking.tables.bookings import bookings
from services.booking.tables.workshops import workshops
from shared.auth import Caller


async def page(
    connection: AsyncConnection,
    caller: Caller,
    conditions: Sequence[ColumnElement[bool]],
    *,
    before: str | None,
    limit: int,
) -> list[Booking]:
    """Load bookings that the caller may see, newest first."""
    # The table has holds, too.
    wanted = [bookings.c.status.in_(Status), *conditions]
    if before:
        wanted.append(bookings.c.id < before)

    def newest(*own: ColumnElement[bool]) -> Select[Any]:
        query = select(bookings.c.id).where(*own, *wanted)
        return query.order_by(bookings.c.id.desc()).limit(limit)

    ids = union_all(*[select(each.subquery()) for each in _ways(caller, newest)]).subquery()
    found = every_booking().where(bookings.c.id.in_(select(ids.c.id)))
    rows = await connection.execute(found.order_by(bookings.c.id.desc()).limit(limit))
    return [booking_of(row) for row in rows.mappings()]


def _ways(caller: Caller, newest: Any) -> list[Select[Any]]:
    """List the ways in which bookings are a caller's, each with a page of its newest."""
    if caller.is_operator:
        return [newest()]
    ways = [newest(bookings.c.partner_id == caller.partner_id)]
    if caller.is_workshop:
        at_one = lateral(newest(bookings.c.workshop_id == workshops.c.id))
        mine = workshops.c.partner_id == caller.partner_id
        ways.append(select(at_one.c.id).select_from(workshops.join(at_one, true())).where(mine))
    return ways
