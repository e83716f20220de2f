"""Tells of rate cards that nobody was told of, or so long ago that the log forgets it."""

from __future__ import annotations

from datetime import timedelta

from services.quote.domain import card as domain
from services.quote.outgoing import cards as outgoing
from services.quote.outgoing.cards import PLATFORM
from services.quote.repository import cards, projections, taxes
from shared.database import Database

BATCH = 50


async def announce(database: Database, again_after: timedelta) -> int:
    """Tell of a batch of cards as they stand; returns how many."""
    async with database.transaction() as work:
        owed = await cards.owed(work.connection, work.now - again_after, BATCH)
        if not owed:
            return 0
        known = await taxes.all_of_them(work.connection)
        at = {card.workshop_id for card in owed if card.workshop_id}
        owners = await projections.accounts(work.connection, at)
        for card in owed:
            announced, event = domain.told(card)
            await cards.mark_told(work.connection, announced, work.now)
            owner = owners[card.workshop_id] if card.workshop_id else PLATFORM
            work.publish(outgoing.event(announced, event, known, owner))
    return len(owed)
