"""Slots held for a while, and confirmed, given back or left to expire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from services.booking.domain import hold as domain
from services.booking.domain.booking import Booking, BookingEvent, booked
from services.booking.domain.hold import (
    MAX_AT_ONE_WORKSHOP,
    Hold,
    NotHeld,
    Status,
    TooManyHolds,
)
from services.booking.domain.request import Slot, Visit, check_time
from services.booking.domain.visitor import given_up
from services.booking.handlers.customers import introduce
from services.booking.handlers.lines import at_workshop
from services.booking.handlers.refusals import refusing
from services.booking.handlers.slots import fill, take, take_for
from services.booking.handlers.workshops import found
from services.booking.repository import bookings, holds, workshops
from shared.auth import Caller
from shared.database import Database, Transaction
from shared.idempotency import Answer, Once
from shared.ids import new_id
from shared.problems import invalid, not_found

BATCH = 500
KEEP_ENDED = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class HeldSlot:
    """The slot of a hold; `retake` asks for it anew should the hold have expired."""

    hold_id: str
    retake: bool = False


async def create(
    database: Database,
    caller: Caller,
    slot: Slot,
    lasting: timedelta,
    once: Once[Hold],
    *,
    visitor: bytes | None = None,
) -> Answer:
    """Hold a slot; until its drop-off at the longest. `visitor` is who asks by page, if one does.

    Raises a Problem: 422 naming what is wrong, 409 for a time that isn't to be had.
    """
    async with at_workshop(database, slot.workshop_id), database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        with refusing():
            taken = await take(work, caller, slot)
            await _make_room(work, caller, slot.workshop_id, visitor)
            hold = Hold(
                id=new_id("hld"),
                booking_id=new_id("bkg"),
                partner_id=caller.partner_id,
                workshop=taken.place,
                status=Status.HELD,
                job=taken.job,
                placement=taken.placement,
                expires_at=min(work.now + lasting, slot.drop_off_at),
            )
            await holds.add(work.connection, hold, work.now, visitor)
        return await once.answer(work, hold)


async def read(database: Database, caller: Caller, hold_id: str) -> Hold:
    """Read one hold; raises a 404 Problem for none of the caller's."""
    async with database.reading() as connection:
        hold = await holds.load(connection, hold_id, bookings.visible_to(caller))
    if hold is None:
        raise not_found("hold")
    return hold


async def release(database: Database, caller: Caller, hold_id: str) -> None:
    """Give a slot back; of a hold that ended otherwise, nothing is left to give back.

    Raises a Problem: 404 for none of the caller's, 409 for one that a booking came of.
    """
    async with database.transaction() as work:
        hold = await holds.load(work.connection, hold_id, bookings.visible_to(caller), lock=True)
        if hold is None:
            raise not_found("hold")
        with refusing():
            if hold.status is Status.CONFIRMED:
                raise NotHeld(hold, hold.status)
            await holds.release(work.connection, hold_id, work.now)


async def confirm(
    work: Transaction, caller: Caller, held: HeldSlot, visit: Visit
) -> tuple[Booking, tuple[BookingEvent, ...]]:
    """Make the booking of a hold of the caller's, or of its slot where that is asked for.

    Raises a 422 Problem for an unknown hold, and what the rules raise.
    """
    connection = work.connection
    hold = await holds.load(connection, held.hold_id, holds.held_by(caller))
    if hold is None:
        raise invalid("/hold_id", "unknown-hold", "There is no such hold.")
    try:
        booking = domain.confirm(hold, visit, work.now)
        booking, events = booked(await introduce(work, booking, visit.time_zone))
        # What was read may be over: whether it still was held, this one statement decides.
        if await holds.confirm(connection, booking, work.now):
            return booking, events
        hold = await holds.load(connection, held.hold_id, holds.held_by(caller)) or hold
        raise NotHeld(hold, hold.standing(work.now))
    except NotHeld as over:
        if not (held.retake and over.status is Status.EXPIRED):
            raise
    return await _retake(work, hold, visit)


async def expire_due(database: Database) -> int:
    """Note a batch of holds as expired, and forget those that ended a week ago."""
    async with database.transaction() as work:
        ended = await holds.expire(work.connection, work.now, limit=BATCH)
    async with database.transaction() as work:
        await holds.forget(work.connection, work.now - KEEP_ENDED, BATCH)
    return ended


async def _make_room(
    work: Transaction, caller: Caller, workshop_id: str, visitor: bytes | None
) -> None:
    if visitor is None:
        held = await holds.count(work.connection, caller.partner_id, workshop_id)
        if held >= MAX_AT_ONE_WORKSHOP:
            raise TooManyHolds
        return
    by_page = await holds.by_page(work.connection, workshop_id)
    if ended := given_up(by_page, visitor, work.now):
        await holds.end(work.connection, ended, work.now)


async def _retake(
    work: Transaction, hold: Hold, visit: Visit
) -> tuple[Booking, tuple[BookingEvent, ...]]:
    drop_off_at = hold.placement.drop_off_at
    check_time(drop_off_at, work.now)
    workshop = await found(work.connection, hold.workshop.id, workshops.ANY)
    taken = await take_for(work, workshop, hold.job, drop_off_at)
    return await fill(work, taken, visit, hold.partner_id)
