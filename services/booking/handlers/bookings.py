"""Bookings made and read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncConnection

from services.booking import outgoing
from services.booking.domain import booking as domain
from services.booking.domain.booking import Booking, Place
from services.booking.domain.details import Asked, BookedService, FromCatalog
from services.booking.domain.hours import Interval
from services.booking.domain.request import Request, check_time, complete, needed, pending
from services.booking.domain.workshop import Category, Workshop
from services.booking.handlers.refusals import NoBay, refusing
from services.booking.repository import bays, bookings, facilities, locks, workshops
from shared.auth import Caller
from shared.database import Database, Transaction
from shared.idempotency import Answer, Once
from shared.ids import new_id
from shared.problems import invalid, not_found


@dataclass(frozen=True, slots=True)
class Booked:
    """The booking that stands, and whether this request made it."""

    booking: Booking
    is_new: bool


async def create(
    database: Database, caller: Caller, request: Request, once: Once[Booked]
) -> Answer:
    """Book a bay, or answer with the booking that stands under the reference, unchanged.

    Raises a Problem: 422 naming what is wrong, 409 for a time that isn't to be had.
    """
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        if standing := await _standing(work.connection, caller, request):
            return await once.answer(work, Booked(standing, is_new=False))
        with refusing():
            booking = await _book(work, caller, request)
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
        mine = [bookings.visible_to(caller), *conditions]
        return await bookings.page(connection, mine, before=before, limit=limit)


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
    workshop.schedule(closures).check(during)


async def _standing(
    connection: AsyncConnection, caller: Caller, request: Request
) -> Booking | None:
    reference = request.external_reference
    if reference is None:
        return None
    await locks.reference_line(connection, caller.partner_id, reference)
    return await bookings.by_reference(connection, caller.partner_id, reference)


async def _book(work: Transaction, caller: Caller, request: Request) -> Booking:
    connection = work.connection
    check_time(request.drop_off_at, work.now)
    workshop = await workshops.load(connection, request.workshop_id, workshops.visible_to(caller))
    if workshop is None:
        raise invalid("/workshop_id", "unknown-workshop", "There is no such workshop.")
    category = request.service_category
    services = await completed(connection, workshop.id, request.services, category)
    during = needed(request.drop_off_at, services)
    await check_open(connection, workshop, during)
    await locks.workshop_line(connection, workshop.id)
    bay_id = await bays.free_bay(connection, workshop.id, during)
    if bay_id is None:
        raise NoBay
    booking, events = domain.booked(
        pending(
            request,
            request.details(services),
            booking_id=new_id("bkg"),
            partner_id=caller.partner_id,
            workshop=_place(workshop),
            bay_id=bay_id,
            during=during,
            now=work.now,
        )
    )
    await bookings.add(connection, booking)
    work.publish(*map(outgoing.published, events))
    return booking


def _place(workshop: Workshop) -> Place:
    profile = workshop.profile
    return Place(workshop.id, workshop.partner_id, profile.name, profile.time_zone)
