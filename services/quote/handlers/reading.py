"""Reading quotes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row

from services.quote.domain.quote import Quote
from services.quote.repository import access, quotes, versions
from shared.auth import Caller
from shared.contracts import QuoteV1
from shared.database import Database
from shared.problems import not_found


async def read(database: Database, caller: Caller, quote_id: str) -> Quote:
    """Read one quote; raises a 404 Problem for none of the caller's."""
    async with database.reading() as connection:
        quote = await quotes.load(connection, quote_id, access.visible_to(caller))
    if quote is None:
        raise not_found("quote")
    return quote


async def past_version(database: Database, quote: Quote, version: int) -> tuple[datetime, QuoteV1]:
    """Read a version, with when it was superseded; raises a 404 Problem for none."""
    async with database.reading() as connection:
        found = await versions.find(connection, quote.id, version)
    if found is None:
        raise not_found("version of this quote")
    return found


async def past_versions(database: Database, quote: Quote) -> Sequence[Row[Any]]:
    """List the versions that were superseded, newest first."""
    async with database.reading() as connection:
        return await versions.summaries(connection, quote.id)


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
