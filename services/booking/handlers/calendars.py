"""Secret links to calendars: made, given another secret, taken back; and what they show."""

from __future__ import annotations

import asyncio
import secrets

from services.booking.domain.calendar import AHEAD, BACK, Agenda, CalendarLink, Entry, Overview
from services.booking.domain.workshop import Kind
from services.booking.handlers.workshops import found
from services.booking.repository import calendars, facilities, workshops
from shared import context
from shared.auth import Caller
from shared.database import Database
from shared.idempotency import Answer, Once
from shared.ids import new_id
from shared.problems import invalid, not_found

SECRET_BYTES = 32
MOST_ENTRIES = 2000
READ_AT_ONCE = 100


async def add(
    database: Database,
    caller: Caller,
    workshop_id: str,
    resource_id: str | None,
    once: Once[CalendarLink],
) -> Answer:
    """Make a link to a workshop's calendar, or to one resource's."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        await found(work.connection, workshop_id, workshops.run_by(caller))
        if resource_id is not None:
            resource = await facilities.lock_resource(work.connection, workshop_id, resource_id)
            if resource is None:
                raise invalid("/resource_id", "unknown-resource", "There is no such resource.")
            if resource.facility.kind is Kind.COURTESY:
                message = "Courtesy is counted, not given: it has no calendar."
                raise invalid("/resource_id", "not-of-this-kind", message)
        link = CalendarLink(new_id("cal"), workshop_id, resource_id, _secret(), work.now)
        await calendars.add(work.connection, link)
        return await once.answer(work, link)


async def page(
    database: Database, caller: Caller, workshop_id: str, *, before: str | None, limit: int
) -> list[CalendarLink]:
    """Read a workshop's links, for those who run it."""
    async with database.reading() as connection:
        await found(connection, workshop_id, workshops.run_by(caller))
        return await calendars.of_workshop(connection, workshop_id, before=before, limit=limit)


async def rotate(
    database: Database, caller: Caller, workshop_id: str, link_id: str, once: Once[CalendarLink]
) -> Answer:
    """Give a link another secret; who knew the former one finds nothing from now on."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        await found(work.connection, workshop_id, workshops.run_by(caller))
        link = await calendars.rotate(work.connection, workshop_id, link_id, _secret())
        if link is None:
            raise not_found("calendar")
        return await once.answer(work, link)


async def revoke(database: Database, caller: Caller, workshop_id: str, link_id: str) -> None:
    """Take a link back."""
    async with database.transaction() as work:
        await found(work.connection, workshop_id, workshops.run_by(caller))
        if not await calendars.remove(work.connection, workshop_id, link_id):
            raise not_found("calendar")


async def overview(database: Database, secret: str) -> Overview:
    """Read what a secret opens; raises a 404 Problem when it is none."""
    today = database.clock.now().date()
    async with database.reading() as connection:
        opened = await calendars.by_secret(connection, secret)
        if opened is None:
            raise not_found("calendar")
        link = opened.link
        context.on_behalf_of(f"calendar {link.id}")
        days = (today - BACK, today + AHEAD)
        visits, is_cut = await calendars.visits(connection, link, days, today, MOST_ENTRIES)
        changed_at = await calendars.changed_at(connection, link.workshop_id, days)
    return Overview(
        title=": ".join(filter(None, (opened.workshop_name, opened.resource_name))),
        time_zone=opened.time_zone,
        resource_id=link.resource_id,
        since=today - BACK,
        changed_at=max(changed_at or link.created_at, link.created_at),
        visits=tuple(visits),
        is_cut=is_cut,
    )


async def agenda(database: Database, overview: Overview) -> Agenda:
    """Read the visits of a calendar, a few at a time: others want answers meanwhile."""
    ids = [booking_id for booking_id, _ in overview.visits]
    entries: list[Entry] = []
    async with database.reading() as connection:
        for start in range(0, len(ids), READ_AT_ONCE):
            rows = await calendars.rows(connection, ids[start : start + READ_AT_ONCE])
            entries += await asyncio.to_thread(calendars.entries_of, rows)
    return Agenda(overview, tuple(entries))


def _secret() -> str:
    return secrets.token_urlsafe(SECRET_BYTES)
