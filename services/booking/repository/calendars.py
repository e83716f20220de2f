"""Loads and saves links to calendars, and what they show."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    RowMapping,
    Select,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from services.booking.domain.booking import Status
from services.booking.domain.calendar import CalendarLink, Entry
from services.booking.repository.bookings import booking_of, every_booking
from services.booking.tables.bookings import bookings
from services.booking.tables.calendars import calendar_links
from services.booking.tables.facilities import resources
from services.booking.tables.workshops import workshops

_COLUMNS = tuple(calendar_links.c)
# Two partial indexes have the days of a workshop: what they are of must stand in the statement.
_STANDING = bookings.c.status.in_(
    bindparam(
        "standing",
        [Status.PENDING, Status.PROCESSING, Status.DONE],
        expanding=True,
        literal_execute=True,
    )
)
_CANCELLED = bookings.c.status == bindparam("cancelled", Status.CANCELLED, literal_execute=True)


@dataclass(frozen=True, slots=True)
class Opened:
    """A link with what its workshop and its resource are called."""

    link: CalendarLink
    workshop_name: str
    time_zone: str
    resource_name: str | None


async def add(connection: AsyncConnection, link: CalendarLink) -> None:
    """Save a new link."""
    await connection.execute(insert(calendar_links), asdict(link))


async def rotate(
    connection: AsyncConnection, workshop_id: str, link_id: str, secret: str
) -> CalendarLink | None:
    """Give a workshop's link another secret; returns it, or None if there is none."""
    own = and_(calendar_links.c.id == link_id, calendar_links.c.workshop_id == workshop_id)
    changed = update(calendar_links).where(own).values(secret=secret).returning(*_COLUMNS)
    row = (await connection.execute(changed)).mappings().one_or_none()
    return _link(row) if row else None


async def remove(connection: AsyncConnection, workshop_id: str, link_id: str) -> bool:
    """Delete a workshop's link; returns whether there was one."""
    own = and_(calendar_links.c.id == link_id, calendar_links.c.workshop_id == workshop_id)
    return (await connection.execute(delete(calendar_links).where(own))).rowcount == 1


async def of_workshop(
    connection: AsyncConnection, workshop_id: str, *, before: str | None, limit: int
) -> list[CalendarLink]:
    """Load a workshop's links, newest first."""
    query = select(*_COLUMNS).where(calendar_links.c.workshop_id == workshop_id)
    query = query.order_by(calendar_links.c.id.desc()).limit(limit)
    rows = await connection.execute(query.where(calendar_links.c.id < before) if before else query)
    return [_link(row) for row in rows.mappings()]


async def by_secret(connection: AsyncConnection, secret: str) -> Opened | None:
    """Load the link that a secret opens."""
    query = (
        select(
            *_COLUMNS,
            workshops.c.name.label("workshop_name"),
            workshops.c.time_zone,
            resources.c.name.label("resource_name"),
        )
        .join(workshops, workshops.c.id == calendar_links.c.workshop_id)
        .outerjoin(resources, resources.c.id == calendar_links.c.resource_id)
        .where(calendar_links.c.secret == secret)
    )
    row = (await connection.execute(query)).mappings().one_or_none()
    if row is None:
        return None
    return Opened(_link(row), row["workshop_name"], row["time_zone"], row["resource_name"])


async def visits(
    connection: AsyncConnection,
    link: CalendarLink,
    days: tuple[date, date],
    today: date,
    limit: int,
) -> tuple[list[tuple[str, int]], bool]:
    """Load the ids and numbers of a calendar's visits of some days, by their drop-off.

    Cancelled ones are among them. Where there are more than the limit, as is returned beside them,
    these are the next ones, and the latest of the past if all that are to come have room;
    cancelled ones have what room is left.
    """
    first, last = days
    forwards = (bookings.c.drop_off_at, bookings.c.id)
    backwards = [each.desc() for each in forwards]
    found: list[Row[Any]] = []
    for kind in (_STANDING, _CANCELLED):
        coming = _on(link, kind, today, last).order_by(*forwards)
        past = _on(link, kind, first, today - timedelta(days=1)).order_by(*backwards)
        for query in (coming, past):
            found += await connection.execute(query.limit(limit + 1 - len(found)))
    shown = sorted(found[:limit], key=lambda each: (each.drop_off_at, each.id))
    return [(each.id, each.sequence) for each in shown], len(found) > limit


async def rows(connection: AsyncConnection, ids: Collection[str]) -> Sequence[RowMapping]:
    """Load some visits by their drop-off, as rows for `entries_of`."""
    query = every_booking().where(bookings.c.id.in_(ids))
    found = await connection.execute(query.order_by(bookings.c.drop_off_at, bookings.c.id))
    return list(found.mappings())


def entries_of(rows: Iterable[RowMapping]) -> list[Entry]:
    """Read visits from their rows."""
    return [Entry(booking_of(row), row["changed_at"]) for row in rows]


async def changed_at(
    connection: AsyncConnection, workshop_id: str, days: tuple[date, date]
) -> datetime | None:
    """Say when any visit to a workshop on some days was last changed.

    What left a resource for another changed its calendar, too.
    """
    then = and_(bookings.c.workshop_id == workshop_id, bookings.c.day.between(*days))
    query = select(func.max(bookings.c.changed_at))
    latest: datetime | None = await connection.scalar(
        query.where(or_(and_(then, _STANDING), and_(then, _CANCELLED)))
    )
    return latest


def _on(link: CalendarLink, kind: ColumnElement[bool], first: date, last: date) -> Select[Any]:
    query = select(bookings.c.id, bookings.c.sequence, bookings.c.drop_off_at).where(
        bookings.c.workshop_id == link.workshop_id, bookings.c.day.between(first, last), kind
    )
    if link.resource_id is None:
        return query
    given = (bookings.c.bay_id, bookings.c.technician_id, bookings.c.loan_car_id)
    return query.where(or_(*(each == link.resource_id for each in given)))


def _link(row: RowMapping) -> CalendarLink:
    return CalendarLink(
        row["id"], row["workshop_id"], row["resource_id"], row["secret"], row["created_at"]
    )
