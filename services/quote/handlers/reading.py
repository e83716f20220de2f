"""Reading quotes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement

from services.quote.domain.quote import Quote
from services.quote.repository import access, quotes
from shared.auth import Caller
from shared.database import Database
from shared.problems import not_found


async def read(database: Database, caller: Caller, quote_id: str) -> Quote:
    """Read one quote; raises a 404 Problem for none of the caller's."""
    async with database.reading() as connection:
        quote = await quotes.load(connection, quote_id, access.visible_to(caller))
    if quote is None:
        raise not_found("quote")
    return quote


async def page(
    database: Database,
    caller: Caller,
    conditions: Sequence[ColumnElement[bool]],
    *,
    before: str | None,
    limit: int,
) -> list[Quote]:
    """Read quotes of the caller's, newest first."""
    async with database.reading() as connection:
        mine = [access.visible_to(caller), *conditions]
        return await quotes.page(connection, mine, before=before, limit=limit)
