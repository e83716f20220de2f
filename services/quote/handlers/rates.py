"""What services cost, from now on."""

from __future__ import annotations

from collections.abc import Sequence

from services.quote.domain.rate_card import Rate
from services.quote.repository import rates
from shared.database import Database
from shared.problems import not_found


async def put(database: Database, service: str, card: Sequence[Rate]) -> list[Rate]:
    """Replace what a service costs, for quotes made from now on."""
    async with database.transaction() as work:
        await rates.put(work.connection, service, card)
    return list(card)


async def read(database: Database, service: str | None) -> list[Rate]:
    """Read one service's rates, or the whole card; raises a 404 Problem for no such service."""
    async with database.reading() as connection:
        if service is None:
            return await rates.whole_card(connection)
        found = await rates.of(connection, service)
    if not found:
        raise not_found("rate card")
    return found
