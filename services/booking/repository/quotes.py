"""What is kept of quotes; an older event never undoes a newer one."""

from __future__ import annotations

from dataclasses import asdict

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.booking.domain.booking import Status
from services.booking.domain.details import InOwnWords
from services.booking.domain.quote import Quote
from services.booking.tables.bookings import bookings
from services.booking.tables.quotes import quotes

_SERVICES: TypeAdapter[tuple[InOwnWords, ...]] = TypeAdapter(tuple[InOwnWords, ...])


async def keep(connection: AsyncConnection, quote: Quote, sequence: int) -> None:
    """Keep a quote as it stands."""
    row = asdict(quote) | {
        "services": _SERVICES.dump_python(quote.services, mode="json"),
        "sequence": sequence,
    }
    new = insert(quotes).values(row)
    newer = quotes.c.sequence < new.excluded.sequence
    await connection.execute(
        new.on_conflict_do_update(index_elements=["id"], set_=row, where=newer)
    )


async def load(connection: AsyncConnection, quote_id: str) -> Quote | None:
    """Load a quote, if its event has come."""
    row = (await connection.execute(select(quotes).where(quotes.c.id == quote_id))).one_or_none()
    if row is None:
        return None
    services = _SERVICES.validate_python(row.services)
    return Quote(row.id, row.partner_id, row.workshop_id, row.status, services)


async def booked_as(connection: AsyncConnection, quote_id: str) -> str | None:
    """Name the booking of a quote's work, if there is one that wasn't cancelled."""
    standing = bookings.c.status != Status.CANCELLED
    of_it = select(bookings.c.id).where(bookings.c.quote_id == quote_id, standing)
    return (await connection.execute(of_it)).scalar_one_or_none()
