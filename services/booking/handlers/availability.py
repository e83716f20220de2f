"""When a workshop can take a car."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from services.booking.domain.details import BookedService, FromCatalog, work_time
from services.booking.domain.hours import Interval
from services.booking.domain.request import NotInCatalog, complete
from services.booking.domain.schedule import Day, Schedule
from services.booking.domain.workshop import MAX_AHEAD, Category, Workshop
from services.booking.handlers.workshops import found
from services.booking.repository import bays, facilities, special_days, workshops
from shared.auth import Caller
from shared.database import Database
from shared.problems import invalid

DAY = timedelta(days=1)


async def days(
    database: Database,
    caller: Caller,
    workshop_id: str,
    first: date,
    last: date,
    service_ids: Sequence[str],
) -> list[Day]:
    """Offer the slots in which some bay is free for all the services, day by day."""
    now = database.clock.now()
    async with database.reading() as connection:
        workshop = await found(connection, workshop_id, workshops.visible_to(caller))
        services = await _services(connection, workshop, service_ids)
        today = now.astimezone(workshop.zone).date()
        if last > today + MAX_AHEAD:
            message = f"Ask for {MAX_AHEAD.days} days ahead at the most."
            raise invalid("/to", "too-far-ahead", message)
        closures = await facilities.closures_from(connection, workshop_id, first)
        special = await special_days.between(connection, workshop_id, first, last + DAY)
        schedule = workshop.schedule(closures, special)
        duration = work_time(services)
        open_slots = schedule.slots(max(first, today), last, duration)
        to_come = [slot for slot in open_slots if slot.start > now]
        free = await bays.starts_with_a_bay(
            connection, workshop_id, [slot.start for slot in to_come], duration, now
        )
    return _by_day(schedule, first, last, [slot for slot in to_come if slot.start in free])


def _by_day(schedule: Schedule, first: date, last: date, slots: list[Interval]) -> list[Day]:
    of_day: dict[date, list[Interval]] = defaultdict(list)
    for slot in slots:
        of_day[schedule.local_date(slot.start)].append(slot)
    asked_for = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [Day(day, schedule.spans(day), tuple(of_day[day])) for day in asked_for]


async def _services(
    connection: AsyncConnection, workshop: Workshop, ids: Sequence[str]
) -> tuple[BookedService, ...]:
    catalog = await facilities.services_by_id(connection, workshop.id, ids) if ids else {}
    try:
        return complete([FromCatalog(each) for each in ids], catalog, Category.OTHER)
    except NotInCatalog as wrong:
        raise invalid("/services", "unknown-service", str(wrong)) from None
