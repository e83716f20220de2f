"""Loads and saves holds.

A hold is a row of `bookings` that nobody's name stands in yet: the constraints that keep bookings
apart keep it apart from them, and to confirm it is to update one row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Update,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from services.booking.domain.booking import Booking, Source
from services.booking.domain.details import BookedService
from services.booking.domain.hold import Hold, Status
from services.booking.domain.need import Job
from services.booking.domain.visitor import HeldByPage
from services.booking.domain.workshop import Category
from services.booking.repository.bookings import PLACE, one_at_a_time, place, placement, row_of
from services.booking.tables.bookings import bookings
from services.booking.tables.workshops import workshops
from shared.auth import Caller

_SERVICES = TypeAdapter(tuple[BookedService, ...])
_HELD = bookings.c.status == Status.HELD
# A partial index has them: what it is of must stand in the statement.
_ENDED = bookings.c.status.in_(
    bindparam("ended", [Status.EXPIRED, Status.RELEASED], expanding=True, literal_execute=True)
)
_NOBODYS = {"held_by_visitor": None}
"""Who a visitor was is forgotten with the end of the hold."""


def held_by(caller: Caller) -> ColumnElement[bool]:
    """Limit holds to the caller's own: nobody else confirms one."""
    return bookings.c.partner_id == caller.partner_id


async def add(
    connection: AsyncConnection, hold: Hold, now: datetime, visitor: bytes | None
) -> None:
    """Save a new hold, with the visitor of the page whose it is, if one's; raises BayTaken."""
    row = {
        "id": hold.booking_id,
        "partner_id": hold.partner_id,
        **asdict(hold.placement),
        "hold_id": hold.id,
        "hold_expires_at": hold.expires_at,
        "held_by_visitor": visitor,
        "workshop_id": hold.workshop.id,
        "status": hold.status,
        "service_category": hold.job.category,
        "services": _SERVICES.dump_python(hold.job.services, mode="json"),
        "loan_car": hold.job.loan_car,
        "courtesy": hold.job.courtesy,
        "products": [],
        "skip_notification": False,
        "send_review_request": True,
        "schedule_reminder": True,
        "sequence": 0,
        "source": Source.API,
        "warnings": [],
        "created_at": now,
    }
    async with one_at_a_time():
        await connection.execute(insert(bookings), row)


async def load(
    connection: AsyncConnection,
    hold_id: str,
    visible: ColumnElement[bool],
    *,
    lock: bool = False,
) -> Hold | None:
    """Load one hold if it is visible; `lock` keeps it as it is until the transaction ends."""
    query = (
        select(bookings, *PLACE)
        .join(workshops, workshops.c.id == bookings.c.workshop_id)
        .where(bookings.c.hold_id == hold_id, visible)
    )
    if lock:
        query = query.with_for_update(of=bookings)
    row = (await connection.execute(query)).mappings().one_or_none()
    return _hold(row) if row else None


async def confirm(connection: AsyncConnection, booking: Booking, now: datetime) -> bool:
    """Turn a hold into its booking if it is still held at this moment; returns whether it was."""
    statement = update(bookings).where(
        bookings.c.id == booking.id, _HELD, bookings.c.hold_expires_at > now
    )
    async with one_at_a_time():
        return await _count(connection, statement.values(row_of(booking) | _NOBODYS)) == 1


async def release(connection: AsyncConnection, hold_id: str, now: datetime) -> None:
    """Give the slot of a hold back, if it is still held at this moment."""
    statement = update(bookings).where(
        bookings.c.hold_id == hold_id, _HELD, bookings.c.hold_expires_at > now
    )
    await connection.execute(statement.values(_NOBODYS | {"status": Status.RELEASED}))


async def expire(
    connection: AsyncConnection,
    now: datetime,
    *,
    workshop_id: str | None = None,
    limit: int | None = None,
) -> int:
    """Note holds whose time is over, leaving out those that are being confirmed; returns how many.

    `workshop_id` asks for one workshop's, all of them; `limit` bounds a batch of everybody's.
    """
    over = select(bookings.c.id).where(_HELD, bookings.c.hold_expires_at <= now)
    if workshop_id is not None:
        over = over.where(bookings.c.workshop_id == workshop_id)
    over = over.limit(limit).with_for_update(skip_locked=True)
    statement = update(bookings).where(bookings.c.id.in_(over.scalar_subquery()))
    return await _count(connection, statement.values(_NOBODYS | {"status": Status.EXPIRED}))


async def forget(connection: AsyncConnection, before: datetime, limit: int) -> None:
    """Delete a batch of holds of which nothing came, and which expired before this moment."""
    old = select(bookings.c.id).where(_ENDED, bookings.c.hold_expires_at < before).limit(limit)
    await connection.execute(delete(bookings).where(bookings.c.id.in_(old.scalar_subquery())))


async def count(connection: AsyncConnection, partner_id: str, workshop_id: str) -> int:
    """Count what a partner holds at a workshop, but for what visitors of the page do."""
    query = select(func.count()).where(
        _HELD,
        bookings.c.partner_id == partner_id,
        bookings.c.workshop_id == workshop_id,
        bookings.c.held_by_visitor.is_(None),
    )
    return await connection.scalar(query) or 0


async def by_page(connection: AsyncConnection, workshop_id: str) -> list[HeldByPage]:
    """List what visitors of a workshop's page hold."""
    query = select(bookings.c.hold_id, bookings.c.held_by_visitor, bookings.c.created_at).where(
        _HELD, bookings.c.workshop_id == workshop_id, bookings.c.held_by_visitor.is_not(None)
    )
    return [HeldByPage(*row) for row in await connection.execute(query)]


async def end(connection: AsyncConnection, hold_ids: Sequence[str], now: datetime) -> None:
    """Let holds expire before their time."""
    statement = update(bookings).where(_HELD, bookings.c.hold_id.in_(hold_ids))
    over = {"status": Status.EXPIRED, "hold_expires_at": now}
    await connection.execute(statement.values(_NOBODYS | over))


async def _count(connection: AsyncConnection, statement: Update) -> int:
    return (await connection.execute(statement)).rowcount


def _hold(row: RowMapping) -> Hold:
    ended = {Status.HELD, Status.EXPIRED, Status.RELEASED}
    return Hold(
        id=row["hold_id"],
        booking_id=row["id"],
        partner_id=row["partner_id"],
        workshop=place(row),
        status=Status(row["status"]) if row["status"] in ended else Status.CONFIRMED,
        job=Job(
            Category(row["service_category"]),
            _SERVICES.validate_python(row["services"]),
            row["loan_car"],
            row["courtesy"],
        ),
        placement=placement(row),
        expires_at=row["hold_expires_at"],
    )
