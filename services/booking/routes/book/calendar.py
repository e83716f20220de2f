"""A week of days, and a day's free times: to book, or to move to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from fastapi.responses import Response

from services.booking.domain.booking import Booking
from services.booking.domain.need import Job
from services.booking.domain.workshop import Workshop
from services.booking.handlers import booking_page
from services.booking.handlers.availability import Day
from services.booking.handlers.booking_page import Week
from services.booking.pages.formats import Formats
from services.booking.pages.languages import locale
from services.booking.pages.rendering import Carried, Query, page
from services.booking.routes.book.desk import Desk
from shared.ids import new_id
from shared.languages import N_

PARTS = ((12, N_("Morning")), (17, N_("Afternoon")), (25, N_("Evening")))


@dataclass(frozen=True, slots=True)
class Tab:
    """A day that can be looked at, where something is free on it."""

    date: date
    free: int
    url: str | None
    is_shown: bool


async def calendar(
    desk: Desk,
    carried: Carried,
    workshop: Workshop,
    job: Job,
    day: object,
    *,
    told: str | None,
    back: str,
    step: str,
    send_to: str,
    query: Query,
    hidden: Query,
    moving: Booking | None = None,
    held: tuple[datetime, str] | None = None,
) -> Response:
    """Show the week of a day; `told` is why the time that was chosen can't be had.

    `held` is a time that the visitor has already, and where to go on with it.
    """
    asked = day if isinstance(day, date) else None
    week = await booking_page.week(desk.database, workshop, job, asked, moving=moving)
    free = [each for each in week.days if each.slots]
    shown = next((each for each in free if each.date == asked), free[0] if free else None)

    def at(when: date) -> str:
        return carried.url(step, [*query, ("day", when.isoformat())])

    return page(
        "times",
        carried,
        workshop,
        here=(step, [*query, *([("day", asked.isoformat())] if asked else [])]),
        status=200 if told is None else 409,
        job=job,
        moving=moving,
        held=held,
        tabs=[_tab(each, shown, at) for each in week.days],
        week=week,
        earlier=at(week.earlier) if week.earlier else None,
        later=at(week.later) if week.later else None,
        next_free=at(week.next_free) if _is_beyond(week) and week.next_free else None,
        shown=shown,
        parts=_parts(shown, workshop, carried) if shown else [],
        told=told,
        back=back,
        send_to=send_to,
        hidden=hidden,
        attempt=new_id("att"),
    )


def _tab(day: Day, shown: Day | None, at: object) -> Tab:
    url = at(day.date) if day.slots and callable(at) else None
    return Tab(day.date, len(day.slots), url, day is shown)


def _is_beyond(week: Week) -> bool:
    return week.is_full and week.next_free is not None


def _parts(
    day: Day, workshop: Workshop, carried: Carried
) -> list[tuple[str, Sequence[tuple[str, str]]]]:
    """Group a day's times: each as it is sent, and as it is read."""
    formats = Formats(locale(carried.language, workshop.profile.country), workshop.zone)
    starts: list[datetime] = [each.stay.drop_off_at for each in day.slots]
    read = formats.clocks(starts)
    found: list[tuple[str, Sequence[tuple[str, str]]]] = []
    since = 0
    for until, title in PARTS:
        within = [
            (start.isoformat().replace("+00:00", "Z"), text)
            for start, text in zip(starts, read, strict=True)
            if since <= start.astimezone(workshop.zone).hour < until
        ]
        since = until
        if within:
            found.append((title, within))
    return found
