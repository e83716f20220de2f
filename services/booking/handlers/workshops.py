"""Workshops: opened, changed by those who run them, read by those who could book them."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncConnection

from services.booking import outgoing
from services.booking.domain import workshop as domain
from services.booking.domain.workshop import Profile, Workshop
from services.booking.handlers.days_apart import told
from services.booking.repository import workshops
from shared.auth import Caller
from shared.database import Database
from shared.idempotency import Answer, Once
from shared.ids import new_id
from shared.problems import invalid, not_found


async def create(
    database: Database, caller: Caller, profile: Profile, once: Once[Workshop]
) -> Answer:
    """Open a workshop, run by the caller's account; raises a Problem for a region elsewhere."""
    _check_region(profile)
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        workshop, events = domain.opened(
            Workshop(new_id("wks"), caller.partner_id, profile, work.now)
        )
        await workshops.add(work.connection, workshop)
        work.publish(*map(outgoing.published, events))
        return await once.answer(work, workshop)


async def amend(
    database: Database, caller: Caller, workshop_id: str, edit: Callable[[Profile], Profile]
) -> Workshop:
    """Change what is said of a workshop; raises a Problem: 404 for none that the caller runs."""
    async with database.transaction() as work:
        before = await found(work.connection, workshop_id, workshops.run_by(caller), lock=True)
        profile = edit(before.profile)
        _check_region(profile)
        after, events = domain.amend(before, profile)
        await workshops.save(work.connection, after)
        work.publish(*[await told(work, event) for event in events])
    return after


def _check_region(profile: Profile) -> None:
    if profile.region and not profile.region.startswith(f"{profile.country}-"):
        raise invalid("/region", "other-country", f"This is no region of {profile.country}.")


async def read(database: Database, caller: Caller, workshop_id: str) -> Workshop:
    """Read one workshop; raises a 404 Problem for none that the caller may see."""
    async with database.reading() as connection:
        return await found(connection, workshop_id, workshops.visible_to(caller))


async def page(
    database: Database, caller: Caller, *, before: str | None, limit: int
) -> list[Workshop]:
    """Read the workshops that the caller may see, newest first."""
    async with database.reading() as connection:
        visible = workshops.visible_to(caller)
        return await workshops.page(connection, visible, before=before, limit=limit)


async def found(
    connection: AsyncConnection,
    workshop_id: str,
    visible: ColumnElement[bool],
    *,
    lock: bool = False,
) -> Workshop:
    """Load a workshop; raises the same 404 Problem for one of others as for none."""
    workshop = await workshops.load(connection, workshop_id, visible, lock=lock)
    if workshop is None:
        raise not_found("workshop")
    return workshop
