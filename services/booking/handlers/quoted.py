"""Bookings of a quote's work."""

from __future__ import annotations

from dataclasses import replace

from services.booking.domain.booking import Booking
from services.booking.domain.quote import (
    Quote,
    QuoteBooked,
    UnknownQuote,
    check_open,
    check_workshop,
)
from services.booking.domain.request import Slot, Visit
from services.booking.handlers.holds import HeldSlot
from services.booking.repository import locks, quotes
from shared.auth import Caller
from shared.database import Database, Transaction
from shared.prefer import until


async def arrived(database: Database, quote_id: str | None, wait: float) -> None:
    """Wait so many seconds for a quote that was asked for a moment ago: it comes by event."""
    if quote_id is None:
        return

    async def there() -> Quote | None:
        async with database.reading() as connection:
            return await quotes.load(connection, quote_id)

    await until(there, wait)


async def work_of(
    work: Transaction, caller: Caller, wanted: Slot | HeldSlot, visit: Visit
) -> tuple[Slot | HeldSlot, Quote | None]:
    """Read what is to be done from the visit's quote, if it has one and names no services itself.

    Raises UnknownQuote, QuoteClosed or QuoteBooked; leaves the caller in the quote's line.
    """
    if visit.quote_id is None:
        return wanted, None
    quote = await quotes.load(work.connection, visit.quote_id)
    if quote is None or not caller.owns(quote.partner_id):
        raise UnknownQuote
    check_open(quote)
    await locks.reference_line(work.connection, quote.partner_id, quote.id)
    if booking_id := await quotes.booked_as(work.connection, quote.id):
        raise QuoteBooked(booking_id)
    if isinstance(wanted, Slot) and not wanted.services:
        wanted = replace(wanted, services=quote.services)
    return wanted, quote


def check_place(quote: Quote | None, booking: Booking) -> None:
    """See that the booking is at the workshop of its quote, if that has one; or OtherWorkshop."""
    if quote is not None:
        check_workshop(quote, booking.workshop.id)
