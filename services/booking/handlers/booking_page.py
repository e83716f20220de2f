"""What customers see and do on the booking page; whoever has its address may book."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.booking.domain.booking import Booking
from services.booking.domain.details import Asked, FromCatalog, InOwnWords
from services.booking.domain.need import Job, needed
from services.booking.domain.workshop import MAX_AHEAD, CatalogService, Category, Workshop
from services.booking.handlers.availability import Day, offered
from services.booking.handlers.refusals import refusing
from services.booking.handlers.slots import completed
from services.booking.handlers.workshops import found
from services.booking.repository import bookings, facilities, workshops
from shared.auth import Caller, Scope
from shared.database import Database
from shared.problems import not_found

MAX_SHOWN = 100
WEEK = timedelta(days=7)
LOOKED_AHEAD = 5
"""Weeks that are searched for a free time, with the one that is asked for."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be done: services of the catalog, and work in the customer's words."""

    service_ids: tuple[str, ...] = ()
    other: str | None = None

    @classmethod
    def of(cls, job: Job) -> Wish:
        """Read it from a job that was asked for."""
        ids = tuple(each.catalog_id for each in job.services if each.catalog_id)
        return cls(ids, next((each.title for each in job.services if not each.catalog_id), None))

    def asked(self) -> tuple[Asked, ...]:
        """Say it as the API would."""
        own = (InOwnWords(self.other),) if self.other else ()
        return (*map(FromCatalog, self.service_ids), *own)


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days from today, or from a week after, with their free times."""

    days: tuple[Day, ...]
    earlier: date | None
    later: date | None
    next_free: date | None
    """Where there is none in these days: the first day after them that has any, if one is near."""

    @property
    def is_full(self) -> bool:
        """Tell whether nothing is free."""
        return not any(day.slots for day in self.days)


def customer_of(partner_id: str) -> Caller:
    """Act for a customer, in the account that gets the booking."""
    return Caller("booking-page", partner_id, frozenset({Scope.PARTNER}))


async def opened(database: Database, workshop_id: str) -> tuple[Workshop, list[CatalogService]]:
    """Read what a workshop offers; raises a 404 Problem for none."""
    async with database.reading() as connection:
        workshop = await found(connection, workshop_id, workshops.ANY)
        services = await facilities.services_of(
            connection, workshop_id, before=None, limit=MAX_SHOWN
        )
    order = list(Category)
    return workshop, sorted(services, key=lambda each: (order.index(each.offer.category), each.id))


async def job_of(database: Database, workshop: Workshop, wish: Wish) -> Job:
    """Complete a wish from the catalog; raises a 422 Problem for what isn't to be had."""
    async with database.reading() as connection:
        with refusing(time="/services"):
            services = await completed(connection, workshop.id, wish.asked(), Category.OTHER)
            job = Job(services[0].category if services else Category.OTHER, services)
            needed(job)
    return job


async def week(
    database: Database,
    workshop: Workshop,
    job: Job,
    day: date | None,
    *,
    moving: Booking | None = None,
) -> Week:
    """Read the week of a day that is asked for, or else the first one in which something is free.

    What is offered is what the API offers; `moving` is a booking that isn't in its own way.
    """
    now = database.clock.now()
    today = now.astimezone(workshop.zone).date()
    last = min(today + workshop.profile.rules.horizon, today + MAX_AHEAD)
    place = (min(max(day or today, today), last) - today) // WEEK
    first = today + place * WEEK
    with refusing(time="/services"):
        need = needed(job)
    next_free = None
    async with database.reading() as connection:
        shown: Sequence[Day] | None = None
        for ahead in range(LOOKED_AHEAD):
            start = first + ahead * WEEK
            if start > last:
                break
            end = min(start + WEEK - timedelta(days=1), today + MAX_AHEAD)
            days = await offered(connection, workshop, need, start, end, now, moving=moving)
            free = next((each.date for each in days if each.slots), None)
            if shown is None or (day is None and free):
                shown, first = days, start
            if free:
                next_free = free
                break
    return Week(
        days=tuple(shown or ()),
        earlier=first - WEEK if first > today else None,
        later=first + WEEK if first + WEEK <= last else None,
        next_free=next_free,
    )


async def booking_of(database: Database, booking_id: str) -> tuple[Workshop, Booking]:
    """Read a booking of which somebody has the link; raises a 404 Problem for none."""
    async with database.reading() as connection:
        booking = await bookings.load(connection, booking_id, workshops.ANY)
        if booking is None:
            raise not_found("booking")
        return await found(connection, booking.workshop.id, workshops.ANY), booking


async def standing(database: Database, partner_id: str, reference: str) -> str | None:
    """Return the booking that stands under a partner's reference."""
    async with database.reading() as connection:
        booking = await bookings.by_reference(connection, partner_id, reference)
    return booking.id if booking else None


def key_of(*parts: str) -> tuple[str, bytes]:
    """Make the key of what is done once, of a form's attempt and what it asks for."""
    seen = hashlib.sha256("\n".join(parts).encode()).digest()
    return seen.hex(), seen
