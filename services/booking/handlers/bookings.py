"""Bookings made and read."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncConnection

from services.booking.domain.aftercare import rebook
from services.booking.domain.booking import Booking, BookingEvent, Party, Source
from services.booking.domain.cancellation import WorkshopOnly
from services.booking.domain.request import Slot, Visit
from services.booking.handlers.changes import party
from services.booking.handlers.holds import HeldSlot, confirm
from services.booking.handlers.lines import at_workshop, of_booking
from services.booking.handlers.quoted import check_place, work_of
from services.booking.handlers.refusals import refusing
from services.booking.handlers.reminders import reminded_by
from services.booking.handlers.slots import fill, take
from services.booking.handlers.telling import tell
from services.booking.repository import booking_lists, bookings, locks, reminders
from shared.auth import Caller
from shared.database import Database, Transaction
from shared.idempotency import Answer, Once
from shared.problems import not_found

WALK_IN_GRACE = timedelta(minutes=15)
"""How long a customer may have been there before the workshop gets to write it down."""


@dataclass(frozen=True, slots=True)
class Booked:
    """The booking that stands, and whether this request made it."""

    booking: Booking
    is_new: bool


async def create(
    database: Database,
    caller: Caller,
    wanted: Slot | HeldSlot,
    visit: Visit,
    once: Once[Booked],
) -> Answer:
    """Book a slot, or answer with the booking that stands under the reference, unchanged.

    Raises a Problem: 422 naming what is wrong, 409 for a time that isn't to be had.
    """
    async with _line(database, wanted), database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        if standing := await _standing(work.connection, caller, visit.external_reference):
            return await once.answer(work, Booked(standing, is_new=False))
        with refusing():
            reminder = await reminded_by(work, caller, visit.reminder_code)
            if reminder is not None:
                visit = replace(visit, source=Source.REMINDER, reminder_id=reminder.id)
            wanted, quote = await work_of(work, caller, wanted, visit)
            booking, events = await _booked(work, caller, wanted, visit)
            check_place(quote, booking)
            if reminder is not None:
                await reminders.save(work.connection, rebook(reminder, booking.id))
            if booking.source is Source.WALK_IN and party(caller, booking) is not Party.WORKSHOP:
                raise WorkshopOnly
        await tell(work, events)
        return await once.answer(work, Booked(booking, is_new=True))


async def read(database: Database, caller: Caller, booking_id: str) -> Booking:
    """Read one booking; raises a 404 Problem for none of the caller's."""
    async with database.reading() as connection:
        booking = await bookings.load(connection, booking_id, bookings.visible_to(caller))
    if booking is None:
        raise not_found("booking")
    return booking


async def page(
    database: Database,
    caller: Caller,
    conditions: Sequence[ColumnElement[bool]],
    *,
    before: str | None,
    limit: int,
) -> list[Booking]:
    """Read bookings of the caller's, newest first."""
    async with database.reading() as connection:
        return await booking_lists.page(connection, caller, conditions, before=before, limit=limit)


def _line(database: Database, wanted: Slot | HeldSlot) -> AbstractAsyncContextManager[None]:
    if isinstance(wanted, Slot):
        return at_workshop(database, wanted.workshop_id)
    return of_booking(database, wanted.hold_id) if wanted.retake else nullcontext()


async def _standing(
    connection: AsyncConnection, caller: Caller, reference: str | None
) -> Booking | None:
    if reference is None:
        return None
    await locks.reference_line(connection, caller.partner_id, reference)
    return await bookings.by_reference(connection, caller.partner_id, reference)


async def _booked(
    work: Transaction, caller: Caller, wanted: Slot | HeldSlot, visit: Visit
) -> tuple[Booking, tuple[BookingEvent, ...]]:
    if isinstance(wanted, HeldSlot):
        return await confirm(work, caller, wanted, visit)
    grace = WALK_IN_GRACE if visit.source is Source.WALK_IN else timedelta()
    taken = await take(work, caller, wanted, grace=grace)
    return await fill(work, taken, visit, caller.partner_id)
