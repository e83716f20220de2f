"""Loads and saves bookings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, fields
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, RowMapping, Select, insert, or_, select, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from services.booking.domain.booking import Booking, Party, Place, Source, Status
from services.booking.domain.details import Details
from services.booking.domain.placement import Placement
from services.booking.tables.bookings import bookings
from services.booking.tables.workshops import workshops
from shared.auth import Caller

DETAILS = TypeAdapter(Details)
PLACE = (
    workshops.c.partner_id.label("account"),
    workshops.c.name.label("workshop_name"),
    workshops.c.time_zone.label("workshop_time_zone"),
)
_OWN = {field.name for field in fields(Booking)} - {"workshop", "details", "placement"}


EXCLUSION_VIOLATION = "23P01"


class Stale(Exception):
    """Somebody else changed the booking since it was loaded."""


class BayTaken(Exception):
    """A constraint found that another booking, or a hold, has the bay or something else then."""


def visible_to(caller: Caller) -> ColumnElement[bool]:
    """Limit bookings to the caller's own, and those with its workshops."""
    if caller.is_operator:
        return true()
    own = bookings.c.partner_id == caller.partner_id
    if not caller.is_workshop:
        return own
    return or_(own, workshops.c.partner_id == caller.partner_id)


async def add(connection: AsyncConnection, booking: Booking) -> None:
    """Save a new booking; raises BayTaken."""
    async with one_at_a_time():
        await connection.execute(insert(bookings), row_of(booking))


async def save(connection: AsyncConnection, booking: Booking, *, before: Booking) -> None:
    """Save a changed booking; raises BayTaken, or Stale when it isn't stored as before."""
    statement = (
        update(bookings)
        .where(bookings.c.id == booking.id, bookings.c.sequence == before.sequence)
        .values(row_of(booking))
    )
    async with one_at_a_time():
        saved = await connection.execute(statement)
    if saved.rowcount != 1:
        raise Stale(booking.id)


async def load(
    connection: AsyncConnection,
    booking_id: str,
    visible: ColumnElement[bool],
    *,
    lock: bool = False,
) -> Booking | None:
    """Load one booking if it is visible; `lock` holds it until the transaction ends."""
    query = every_booking().where(bookings.c.id == booking_id, visible)
    if lock:
        query = query.with_for_update(of=bookings)
    row = (await connection.execute(query)).mappings().one_or_none()
    return booking_of(row) if row else None


async def workshop_of(connection: AsyncConnection, booking_id: str) -> str | None:
    """Name the workshop of a booking, or of what was held, by either's id."""
    named = or_(bookings.c.id == booking_id, bookings.c.hold_id == booking_id)
    workshop_id: str | None = await connection.scalar(select(bookings.c.workshop_id).where(named))
    return workshop_id


async def by_reference(
    connection: AsyncConnection, partner_id: str, reference: str
) -> Booking | None:
    """Load the booking that stands under a partner's reference."""
    query = every_booking().where(
        bookings.c.partner_id == partner_id, bookings.c.external_reference == reference
    )
    row = (await connection.execute(query)).mappings().one_or_none()
    return booking_of(row) if row else None


async def last_of(
    connection: AsyncConnection, customer_id: str, workshop_id: str | None
) -> Booking | None:
    """Load a customer's latest booking, of one workshop if it is named."""
    query = every_booking().where(bookings.c.customer_id == customer_id)
    if workshop_id is not None:
        query = query.where(bookings.c.workshop_id == workshop_id)
    latest = query.order_by(bookings.c.drop_off_at.desc(), bookings.c.id.desc()).limit(1)
    row = (await connection.execute(latest)).mappings().one_or_none()
    return booking_of(row) if row else None


@asynccontextmanager
async def one_at_a_time() -> AsyncIterator[None]:
    """Raise BayTaken for what the constraints refuse."""
    try:
        yield
    except IntegrityError as error:
        if getattr(error.orig, "sqlstate", None) == EXCLUSION_VIOLATION:
            raise BayTaken from error
        raise


def every_booking() -> Select[Any]:
    """Select bookings with their workshops."""
    return (
        select(bookings, *PLACE)
        .join(workshops, workshops.c.id == bookings.c.workshop_id)
        # The table has holds, too.
        .where(bookings.c.status.in_(Status))
    )


def row_of(booking: Booking) -> dict[str, Any]:
    """Write a booking as its row."""
    return {
        **{name: getattr(booking, name) for name in _OWN},
        **asdict(booking.placement),
        **DETAILS.dump_python(booking.details, mode="json"),
        "workshop_id": booking.workshop.id,
    }


def booking_of(row: RowMapping) -> Booking:
    """Read a booking from its row."""
    return Booking(
        **{name: row[name] for name in _OWN}
        | {
            "status": Status(row["status"]),
            "source": Source(row["source"]),
            "cancelled_by": Party(row["cancelled_by"]) if row["cancelled_by"] else None,
            "warnings": tuple(row["warnings"]),
            "workshop": place(row),
            "placement": placement(row),
            "details": DETAILS.validate_python(
                {field.name: row[field.name] for field in fields(Details)}
            ),
        }
    )


def placement(row: RowMapping) -> Placement:
    """Read what a row keeps, and when."""
    kept = {field.name: row[field.name] for field in fields(Placement)}
    return Placement(**kept | {"counts_as": tuple(row["counts_as"])})


def place(row: RowMapping) -> Place:
    """Read the workshop that a row was joined with."""
    return Place(
        row["workshop_id"], row["account"], row["workshop_name"], row["workshop_time_zone"]
    )
