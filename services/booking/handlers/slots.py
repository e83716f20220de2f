"""A place for a slot: what every command that needs one does, in the same order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from services.booking.domain.booking import Booking, BookingEvent, Place, booked
from services.booking.domain.details import Asked, BookedService, FromCatalog
from services.booking.domain.need import Job, needed
from services.booking.domain.obstacle import (
    OF_HOURS,
    OF_NEW_BOOKINGS,
    OF_WALK_INS,
    OVERLOOKED,
    Cause,
    Refused,
)
from services.booking.domain.placement import Placement
from services.booking.domain.request import Slot, Visit, check_time, complete, pending
from services.booking.domain.workshop import Category, Workshop
from services.booking.handlers.customers import introduce
from services.booking.handlers.judging import judge, plan
from services.booking.handlers.workshops import found
from services.booking.repository import bookings, facilities, holds, locks, workshops
from shared.auth import Caller
from shared.database import Transaction
from shared.ids import new_id
from shared.problems import invalid


@dataclass(frozen=True, slots=True)
class Taken:
    """What is free for a job, and stays so until the transaction ends."""

    workshop: Workshop
    job: Job
    placement: Placement
    warnings: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        """Return the workshop as a booking knows it."""
        profile = self.workshop.profile
        return Place(self.workshop.id, self.workshop.partner_id, profile.name, profile.time_zone)


async def take(
    work: Transaction, caller: Caller, slot: Slot, *, grace: timedelta = timedelta()
) -> Taken:
    """Find a place for a slot that is asked for; it may have begun as long ago as the grace says.
    Where there is any, the customer is there: no slot has to begin, and no notice be given; nor has
    the workshop to be open, if it says so itself.

    Raises a 422 Problem for an unknown workshop, and what the rules raise; leaves the caller in the
    workshop's line.
    """
    check_time(slot.drop_off_at, work.now - grace)
    workshop = await workshops.load(work.connection, slot.workshop_id, workshops.visible_to(caller))
    if workshop is None:
        raise invalid("/workshop_id", "unknown-workshop", "There is no such workshop.")
    category = slot.service_category
    services = await completed(work.connection, workshop.id, slot.services, category)
    job = Job(category, services, slot.loan_car, slot.courtesy)
    waived: Collection[Cause] = ()
    if grace:
        own = caller.is_workshop and caller.partner_id == workshop.partner_id
        has_happened = slot.drop_off_at <= work.now + grace
        waived = OF_WALK_INS if own and has_happened else OF_NEW_BOOKINGS
    return await take_for(work, workshop, job, slot.drop_off_at, waived=waived)


async def take_for(
    work: Transaction,
    workshop: Workshop,
    job: Job,
    drop_off_at: datetime,
    *,
    moving: Booking | None = None,
    waived: Collection[Cause] = (),
) -> Taken:
    """Find a place for a job; raises Refused with all that stands in the way, or TooLong.

    `moving` is a booking that isn't in its own way, and keeps what it has where it can; nor is what
    is `waived`.
    """
    connection = work.connection
    day = drop_off_at.astimezone(workshop.zone).date()
    by_rules = await plan(connection, workshop, needed(job), day, day, work.now)
    stay = by_rules.stay(drop_off_at)
    overlooked = {each.cause for each in by_rules.obstacles(stay)} & OF_HOURS & set(waived)
    if Cause.NO_PICK_UP in waived and stay.pick_up_at is None:
        stay = replace(stay, pick_up_at=stay.ends_at)
    await locks.workshop_line(connection, workshop.id)
    # Nobody else is choosing now: what nobody has noted as expired yet must not stand in the way.
    await holds.expire(connection, work.now, workshop_id=workshop.id)
    (judged,) = await judge(
        connection, workshop.id, by_rules, [stay], chosen=True, moving=moving, waived=waived
    )
    if judged.placement is None:
        raise Refused(*judged.obstacles)
    return Taken(workshop, job, judged.placement, (OVERLOOKED,) if overlooked else ())


async def retake(work: Transaction, booking: Booking, job: Job) -> Placement:
    """Find a place for what a booking is for now, at the time that it has; raises as take_for.

    What was right when it was made is so still: hours count only for work that got longer.
    """
    workshop = await found(work.connection, booking.workshop.id, workshops.ANY)
    longer = booking.drop_off_at + needed(job).duration > booking.ends_at
    waived = OF_NEW_BOOKINGS if longer else OF_NEW_BOOKINGS | OF_HOURS
    if OVERLOOKED in booking.warnings:
        waived = OF_WALK_INS
    taken = await take_for(work, workshop, job, booking.drop_off_at, moving=booking, waived=waived)
    return taken.placement


async def fill(
    work: Transaction, taken: Taken, visit: Visit, partner_id: str
) -> tuple[Booking, tuple[BookingEvent, ...]]:
    """Book what was taken for a visit of a partner's."""
    booking = pending(
        visit,
        visit.details(taken.job),
        booking_id=new_id("bkg"),
        partner_id=partner_id,
        workshop=taken.place,
        placement=taken.placement,
        now=work.now,
    )
    known = await introduce(work, replace(booking, warnings=taken.warnings), visit.time_zone)
    booking, events = booked(known)
    await bookings.add(work.connection, booking)
    return booking, events


async def completed(
    connection: AsyncConnection, workshop_id: str, asked: Sequence[Asked], category: Category
) -> tuple[BookedService, ...]:
    """Complete what is asked for from the workshop's catalog; raises NotInCatalog."""
    ids = {each.catalog_id for each in asked if isinstance(each, FromCatalog)}
    catalog = await facilities.services_by_id(connection, workshop_id, ids) if ids else {}
    return complete(asked, catalog, category)
