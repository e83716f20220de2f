"""When a workshop can take a car."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from services.booking.domain.booking import Booking
from services.booking.domain.details import BookedService, FromCatalog, InOwnWords
from services.booking.domain.hours import Span
from services.booking.domain.need import Job, Need, TooLong, needed
from services.booking.domain.obstacle import Obstacle
from services.booking.domain.request import NotInCatalog, complete
from services.booking.domain.workshop import MAX_AHEAD, Category, Workshop
from services.booking.handlers.judging import Judged, judge, plan
from services.booking.handlers.workshops import found
from services.booking.repository import facilities, workshops
from shared.auth import Caller
from shared.database import Database
from shared.problems import invalid


@dataclass(frozen=True, slots=True)
class Basket:
    """What is asked for; a category counts where no service of the catalog has one.

    `duration` is of what isn't in the catalog.
    """

    service_ids: tuple[str, ...] = ()
    category: Category = Category.OTHER
    loan_car: bool = False
    courtesy: bool = False
    duration: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """A day as it is offered; `closed` says why it has no hours, if it has none."""

    date: date
    spans: tuple[Span, ...]
    closed: Obstacle | None
    slots: tuple[Judged, ...]


async def days(
    database: Database,
    caller: Caller,
    workshop_id: str,
    first: date,
    last: date,
    basket: Basket,
    *,
    explained: bool = False,
) -> list[Day]:
    """Judge the slots of some days: those that can be had, or all when it is `explained`."""
    now = database.clock.now()
    async with database.reading() as connection:
        workshop = await found(connection, workshop_id, workshops.visible_to(caller))
        if last > now.astimezone(workshop.zone).date() + MAX_AHEAD:
            message = f"Ask for {MAX_AHEAD.days} days ahead at the most."
            raise invalid("/to", "too-far-ahead", message)
        services = await _services(connection, workshop, basket)
        try:
            need = needed(Job(basket.category, services, basket.loan_car, basket.courtesy))
        except TooLong as wrong:
            raise invalid("/services", "too-long", str(wrong)) from None
        return await offered(connection, workshop, need, first, last, now, explained=explained)


async def offered(
    connection: AsyncConnection,
    workshop: Workshop,
    need: Need,
    first: date,
    last: date,
    now: datetime,
    *,
    explained: bool = False,
    moving: Booking | None = None,
) -> list[Day]:
    """Judge the slots of some days for a need; `moving` is a booking that isn't in its own way."""
    by_rules = await plan(connection, workshop, need, first, last, now)
    asked_for = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    stays = [
        by_rules.stay(start) for day in asked_for for start in by_rules.starts(day, usual=explained)
    ]
    judged = await judge(connection, workshop.id, by_rules, stays, moving=moving)
    schedule = by_rules.openings.schedule
    return [
        Day(
            day,
            schedule.spans(day),
            by_rules.closed(day),
            tuple(
                each
                for each in judged
                if by_rules.day_of(each.stay) == day and (explained or not each.obstacles)
            ),
        )
        for day in asked_for
    ]


async def _services(
    connection: AsyncConnection, workshop: Workshop, basket: Basket
) -> tuple[BookedService, ...]:
    ids = basket.service_ids
    own = [InOwnWords("", duration=basket.duration)] if basket.duration else []
    catalog = await facilities.services_by_id(connection, workshop.id, ids) if ids else {}
    try:
        return complete([*map(FromCatalog, ids), *own], catalog, basket.category)
    except NotInCatalog as wrong:
        raise invalid("/services", "unknown-service", str(wrong)) from None
