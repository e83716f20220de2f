"""What services cost: setting it, and reading it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.quote.domain import card as domain
from services.quote.domain.card import RateCard
from services.quote.domain.rate_card import Rate
from services.quote.handlers import sites
from services.quote.outgoing import cards as outgoing
from services.quote.repository import cards, rates, taxes
from shared.auth import Caller
from shared.database import Database
from shared.ids import new_id
from shared.problems import invalid, not_found


async def put(
    database: Database,
    caller: Caller,
    service: str,
    workshop_id: str | None,
    new: Sequence[Rate],
    *,
    wait: float,
) -> RateCard:
    """Replace a service's rates, for quotes made from now on; the same again changes nothing.

    Raises a Problem: 403 or 404 for rates that aren't the caller's to set, 422 for two at once.
    """
    owner = await sites.settable(database, caller, workshop_id, wait)
    if overlap := domain.overlapping(new):
        one, other = overlap
        message = f"It overlaps /rates/{one}: a class of vehicle has one rate at a time."
        raise invalid(f"/rates/{other}", "overlapping-rates", message)
    async with database.transaction() as work:
        held = await cards.hold(work.connection, new_id("rtc"), service, workshop_id, work.now)
        changed = domain.replaced(held, new, work.now, caller.client_id)
        if changed is None:
            return held
        card, event = changed
        await cards.add_version(work.connection, card)
        known = await taxes.all_of_them(work.connection)
        work.publish(outgoing.event(card, event, known, owner))
    return card


async def read(
    database: Database, caller: Caller, service: str, workshop_id: str | None
) -> RateCard:
    """Read a card as it stands, with all its periods; raises a 404 Problem for no such card."""
    await sites.readable(database, caller, workshop_id)
    async with database.reading() as connection:
        card = await cards.load(connection, service, workshop_id)
    if card is None:
        raise not_found("rate card")
    return card


async def history(
    database: Database,
    caller: Caller,
    service: str,
    workshop_id: str | None,
    *,
    before: int | None,
    limit: int,
) -> list[RateCard]:
    """Read a card's versions, newest first; raises a 404 Problem for no such card."""
    card = await read(database, caller, service, workshop_id)
    async with database.reading() as connection:
        return await cards.versions_of(connection, card, before=before, limit=limit)


async def in_force(
    database: Database, caller: Caller, workshop_id: str | None, moment: datetime | None
) -> list[Rate]:
    """Read what a quote is priced by at a moment, now unless it is given.

    Raises a 404 Problem for no such workshop.
    """
    await sites.readable(database, caller, workshop_id)
    async with database.reading() as connection:
        found = await rates.in_force(connection, workshop_id, moment or database.clock.now())
    return domain.shown(found)
