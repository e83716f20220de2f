"""A bay for a slot: what every command that needs one does, in the same order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from services.booking.domain.booking import Booking, BookingEvent, Place, booked
from services.booking.domain.details import Asked, BookedService, FromCatalog
from services.booking.domain.hours import Interval
from services.booking.domain.request import Slot, Visit, check_time, complete, needed, pending
from services.booking.domain.workshop import Category, Workshop
from services.booking.handlers.refusals import NoBay
from services.booking.repository import (
    bays,
    bookings,
    facilities,
    holds,
    locks,
    special_days,
    workshops,
)
from shared.auth import Caller
from shared.database import Transaction
from shared.ids import new_id
from shared.problems import invalid


@dataclass(frozen=True, slots=True)
class Taken:
    """A bay that is free for the work, and stays so until the transaction ends."""

    workshop: Workshop
    category: Category
    services: tuple[BookedService, ...]
    bay_id: str
    during: Interval

    @property
    def place(self) -> Place:
        """Return the workshop as a booking knows it."""
        profile = self.workshop.profile
        return Place(self.workshop.id, self.workshop.partner_id, profile.name, profile.time_zone)


async def take(
    work: Transaction, caller: Caller, slot: Slot, *, grace: timedelta = timedelta()
) -> Taken:
    """Find a bay for a slot that is asked for; it may have begun as long ago as the grace says.

    Raises a 422 Problem for an unknown workshop, and what the rules raise; leaves the caller in the
    workshop's line.
    """
    check_time(slot.drop_off_at, work.now - grace)
    workshop = await workshops.load(work.connection, slot.workshop_id, workshops.visible_to(caller))
    if workshop is None:
        raise invalid("/workshop_id", "unknown-workshop", "There is no such workshop.")
    category = slot.service_category
    services = await completed(work.connection, workshop.id, slot.services, category)
    return await take_for(work, workshop, category, services, slot.drop_off_at)


async def take_for(
    work: Transaction,
    workshop: Workshop,
    category: Category,
    services: tuple[BookedService, ...],
    drop_off_at: datetime,
) -> Taken:
    """Find a bay for services that are complete; raises NoBay, Closed, OutsideHours or TooLong."""
    during = needed(drop_off_at, services)
    await check_open(work.connection, workshop, during)
    await locks.workshop_line(work.connection, workshop.id)
    # Nobody else is choosing now: what nobody has noted as expired yet must not stand in the way.
    await holds.expire(work.connection, work.now, workshop_id=workshop.id)
    bay_id = await bays.free_bay(work.connection, workshop.id, during, work.now)
    if bay_id is None:
        raise NoBay
    return Taken(workshop, category, services, bay_id, during)


async def fill(
    work: Transaction, taken: Taken, visit: Visit, partner_id: str
) -> tuple[Booking, tuple[BookingEvent, ...]]:
    """Book what was taken for a visit of a partner's."""
    booking, events = booked(
        pending(
            visit,
            visit.details(taken.category, taken.services),
            booking_id=new_id("bkg"),
            partner_id=partner_id,
            workshop=taken.place,
            bay_id=taken.bay_id,
            during=taken.during,
            now=work.now,
        )
    )
    await bookings.add(work.connection, booking)
    return booking, events


async def refit(work: Transaction, workshop: Workshop, booking: Booking, during: Interval) -> str:
    """Find a bay for a booking whose time changes: the one it has, or else any that is free.

    For a caller that is in the workshop's line; raises NoBay, Closed or OutsideHours.
    """
    await check_open(work.connection, workshop, during)
    await holds.expire(work.connection, work.now, workshop_id=workshop.id)
    for only in (booking.bay_id, None):
        bay_id = await bays.free_bay(
            work.connection, workshop.id, during, work.now, only=only, except_for=booking.id
        )
        if bay_id is not None:
            return bay_id
    raise NoBay


async def completed(
    connection: AsyncConnection, workshop_id: str, asked: Sequence[Asked], category: Category
) -> tuple[BookedService, ...]:
    """Complete what is asked for from the workshop's catalog; raises NotInCatalog."""
    ids = {each.catalog_id for each in asked if isinstance(each, FromCatalog)}
    catalog = await facilities.services_by_id(connection, workshop_id, ids) if ids else {}
    return complete(asked, catalog, category)


async def check_open(connection: AsyncConnection, workshop: Workshop, during: Interval) -> None:
    """See that a workshop is open for the whole time; raises Closed or OutsideHours."""
    day = during.start.astimezone(workshop.zone).date()
    closures = await facilities.closures_from(connection, workshop.id, day)
    special = await special_days.between(connection, workshop.id, day, day + timedelta(days=1))
    workshop.schedule(closures, special).check(during)
