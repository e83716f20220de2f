"""Dates that a workshop has hours of their own for, and holidays that may become such."""

from __future__ import annotations

from datetime import date

from services.booking.domain.holidays import (
    Holiday,
    UnknownCountry,
    UnknownRegion,
    own_region,
    suggested,
)
from services.booking.domain.schedule import SpecialDay
from services.booking.domain.workshop import Workshop
from services.booking.handlers.days_apart import check_room, tell_days
from services.booking.handlers.workshops import found
from services.booking.repository import facilities, special_days, workshops
from shared.auth import Caller
from shared.database import Database
from shared.problems import Problem, invalid, not_found


async def put(database: Database, caller: Caller, special: SpecialDay) -> SpecialDay:
    """Give a date hours of its own; bookings that stand then keep standing."""
    async with database.transaction() as work:
        workshop = await found(
            work.connection, special.workshop_id, workshops.run_by(caller), lock=True
        )
        await special_days.put(work.connection, special)
        await check_room(work, workshop)
        await tell_days(work, workshop)
    return special


async def remove(database: Database, caller: Caller, workshop_id: str, day: date) -> None:
    """Make a date like any other of its weekday."""
    async with database.transaction() as work:
        workshop = await found(work.connection, workshop_id, workshops.run_by(caller), lock=True)
        if not await special_days.remove(work.connection, workshop_id, day):
            raise not_found("special day")
        await tell_days(work, workshop)


async def page(
    database: Database, caller: Caller, workshop_id: str, *, before: str | None, limit: int
) -> list[SpecialDay]:
    """Read a workshop's special days, the last first."""
    async with database.reading() as connection:
        await found(connection, workshop_id, workshops.visible_to(caller))
        return await special_days.page(connection, workshop_id, before=before, limit=limit)


async def holidays(
    database: Database, caller: Caller, workshop_id: str, year: int, region: str | None
) -> tuple[Workshop, str | None, tuple[Holiday, ...]]:
    """List a year's public holidays where the workshop is; none of them closes it.

    Without a region they are those of the workshop's own, if it has one; says which it was.
    """
    first, last = date(year, 1, 1), date(year, 12, 31)
    async with database.reading() as connection:
        workshop = await found(connection, workshop_id, workshops.run_by(caller))
        closures = await facilities.closures_between(connection, workshop_id, first, last)
        special = await special_days.between(connection, workshop_id, first, last)
    country = workshop.profile.country
    try:
        region = region or own_region(country, workshop.profile.region)
        schedule = workshop.schedule(closures, special)
        return workshop, region, suggested(country, region, year, schedule)
    except UnknownCountry:
        detail = f"The public holidays of {country} aren't known here."
        raise Problem(422, "holidays-unknown", detail) from None
    except UnknownRegion as wrong:
        message = f"Of {country}, these are known: {', '.join(wrong.known) or 'none'}."
        raise invalid("/region", "unknown-region", message) from None
