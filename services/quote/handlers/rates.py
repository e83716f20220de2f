"""What services cost: setting it, saying so, and reading it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.quote.domain import card as domain
from services.quote.domain.card import CardEvent, RateCard
from services.quote.domain.rate_card import Rate
from services.quote.outgoing import cards as outgoing
from services.quote.repository import cards, rates
from shared.auth import Caller
from shared.database import Database, Transaction
from shared.ids import new_id
from shared.problems import FieldError, Problem, not_found

TELL_BATCH = 50


async def put(
    database: Database, caller: Caller, service: str, workshop_id: str | None, new: Sequence[Rate]
) -> RateCard:
    """Replace a service's rates, for quotes made from now on; the same again changes nothing."""
    if overlap := domain.overlapping(new):
        raise _overlap(*overlap)
    async with database.transaction() as work:
        held = await cards.hold(work.connection, new_id("rtc"), service, workshop_id, work.now)
        changed = domain.replaced(held, new, work.now, caller.client_id)
        if changed is None:
            return held
        card, event = changed
        await cards.add_version(work.connection, card)
        _publish(work, card, event)
    return card


async def announce(database: Database, every: timedelta) -> int:
    """Tell of a batch of cards that were never told of, or so long ago that the log forgets it."""
    async with database.transaction() as work:
        owed = await cards.owed(work.connection, work.now - every, TELL_BATCH)
        for card in owed:
            announced, event = domain.told(card)
            await cards.mark_told(work.connection, announced, work.now)
            _publish(work, announced, event)
    return len(owed)


async def read(database: Database, service: str, workshop_id: str | None) -> RateCard:
    """Read a card as it stands; raises a 404 Problem for no such card."""
    async with database.reading() as connection:
        card = await cards.load(connection, service, workshop_id)
    if card is None:
        raise not_found("rate card")
    return card


async def in_force(
    database: Database, workshop_id: str | None, moment: datetime | None
) -> list[Rate]:
    """Read the rates in force, at a workshop and a moment when they are given."""
    async with database.reading() as connection:
        return await rates.in_force(connection, workshop_id, moment or database.clock.now())


def _publish(work: Transaction, card: RateCard, event: CardEvent) -> None:
    work.publish(outgoing.event(card, event))


def _overlap(one: int, other: int) -> Problem:
    message = f"It overlaps /rates/{one}: the same class of vehicle has one rate at a time."
    return Problem(
        422,
        "overlapping-rates",
        "A class of vehicle has two rates at one time.",
        [FieldError(f"/rates/{other}", "overlapping-rates", message)],
    )
