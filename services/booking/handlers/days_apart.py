"""Telling of a workshop, with the days that aren't as their weekday."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from services.booking import outgoing
from services.booking.domain.workshop import Workshop, WorkshopEvent, told_again
from services.booking.repository import facilities, special_days, workshops
from shared.database import Transaction
from shared.events import Outgoing
from shared.problems import Problem

KEPT = timedelta(days=400)
"""How far back closures and special days are told: whoever counts open hours looks back."""

MOST = 1000
"""Closures, and special days: all of them are told with each change of the workshop."""


async def told(work: Transaction, event: WorkshopEvent) -> Outgoing:
    """Put what happened to a workshop into its contract, as its days stand now."""
    workshop_id, since = event.workshop.id, (work.now - KEPT).date()
    closures = await facilities.closures_between(work.connection, workshop_id, since, date.max)
    special = await special_days.between(work.connection, workshop_id, since, date.max)
    return outgoing.published(replace(event, closures=closures, special_days=special))


async def tell_days(work: Transaction, workshop: Workshop) -> None:
    """Tell that days of a locked workshop were changed."""
    after, event = told_again(workshop)
    await workshops.save(work.connection, after)
    work.publish(await told(work, event))


async def check_room(work: Transaction, workshop: Workshop) -> None:
    """See that what is told stays within bounds; raises a 409 Problem after one day too many."""
    since = (work.now - KEPT).date()
    between = (work.connection, workshop.id, since, date.max)
    if len(await facilities.closures_between(*between)) > MOST:
        raise _too_many("closures")
    if len(await special_days.between(*between)) > MOST:
        raise _too_many("special-days")


def _too_many(what: str) -> Problem:
    detail = f"A workshop has {MOST} of these at the most, those of the last {KEPT.days} days too."
    return Problem(409, f"too-many-{what}", detail)
