"""Links to the booking page, sealed for a partner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from services.booking.domain.link import MAX_LIFE, USUAL_LIFE, Link, of_reminder
from services.booking.repository import facilities, reminders, workshops
from services.booking.sealing import Altered, Purpose, Seals, TooMuch
from services.booking.tables.reminders import reminders as table
from shared.auth import Caller
from shared.database import Database
from shared.idempotency import Answer, Once
from shared.problems import FieldError, Problem, invalid

_LINK = TypeAdapter(Link)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A link as it may be given away: nobody can read it, nor make it say something else."""

    link: Link
    token: str
    expires_at: datetime


async def create(
    database: Database,
    caller: Caller,
    seals: Seals,
    link: Link,
    expires_at: datetime | None,
    once: Once[Sealed],
) -> Answer:
    """Seal a link; raises a 422 Problem for a workshop or service that isn't there."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        workshop = await workshops.load(
            work.connection, link.workshop_id, workshops.visible_to(caller)
        )
        if workshop is None:
            raise invalid("/workshop_id", "unknown-workshop", "There is no such workshop.")
        known = await facilities.services_by_id(work.connection, workshop.id, link.service_ids)
        unknown = [
            FieldError(f"/services/{place}", "unknown-service", "There is no such service.")
            for place, each in enumerate(link.service_ids)
            if each not in known
        ]
        if unknown:
            raise Problem(422, "invalid-request", "There are unknown services.", unknown)
        until = expires_at or work.now + USUAL_LIFE
        if not timedelta() < until - work.now <= MAX_LIFE:
            message = f"A link is good until some time within {MAX_LIFE.days} days."
            raise invalid("/expires_at", "out-of-range", message)
        try:
            token = seals.seal(Purpose.BOOK, _LINK.dump_python(link, mode="json"), until=until)
        except TooMuch:
            detail = "All this makes too long an address: leave some of it out."
            raise Problem(422, "link-too-long", detail) from None
        return await once.answer(work, Sealed(link, token, until))


def opened(seals: Seals, token: str, workshop_id: str, now: datetime | None) -> Link:
    """Read a link of this workshop's page; raises Altered, and Expired unless `now` is None."""
    link = _LINK.validate_python(seals.open(Purpose.BOOK, token, now))
    if link.workshop_id != workshop_id:
        raise Altered
    return link


async def reminding(database: Database, code: str, workshop_id: str) -> Link:
    """Read the link that a reminder's code stands for; raises Altered if it is none of these."""
    async with database.reading() as connection:
        reminder = await reminders.load(connection, table.c.code == code)
    if reminder is None or reminder.workshop.id != workshop_id:
        raise Altered
    return of_reminder(reminder)
