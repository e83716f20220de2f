"""Reading quotes, as each may see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row

from services.quote import outgoing
from services.quote.domain.quote import Quote
from services.quote.repository import access, quotes, versions
from shared.auth import Caller
from shared.contracts import QuoteV1
from shared.database import Database
from shared.problems import not_found


async def read(database: Database, caller: Caller, quote_id: str) -> QuoteV1:
    """Read one quote; raises a 404 Problem for none of the caller's."""
    quote = await _visible(database, caller, quote_id)
    return _as_seen_by(caller, quote, outgoing.snapshot(quote))


async def version(
    database: Database, caller: Caller, quote_id: str, number: int
) -> tuple[datetime | None, QuoteV1]:
    """Read a version, and when it was superseded, if it was; raises a 404 Problem for none."""
    quote = await _visible(database, caller, quote_id)
    superseded_at, shown = None, outgoing.snapshot(quote)
    if number != quote.version:
        async with database.reading() as connection:
            found = await versions.find(connection, quote.id, number)
        if found is None:
            raise not_found("version of this quote")
        superseded_at, shown = found
    return superseded_at, _as_seen_by(caller, quote, shown)


async def past_versions(database: Database, quote_id: str) -> Sequence[Row[Any]]:
    """List the versions that were superseded, newest first."""
    async with database.reading() as connection:
        return await versions.summaries(connection, quote_id)


async def page(
    database: Database,
    caller: Caller,
    conditions: Sequence[ColumnElement[bool]],
    *,
    before: str | None,
    limit: int,
) -> list[QuoteV1]:
    """Read quotes of the caller's, newest first."""
    async with database.reading() as connection:
        found = await quotes.page(connection, caller, conditions, before=before, limit=limit)
    return [_as_seen_by(caller, quote, outgoing.snapshot(quote)) for quote in found]


async def _visible(database: Database, caller: Caller, quote_id: str) -> Quote:
    async with database.reading() as connection:
        quote = await quotes.load(connection, quote_id, access.visible_to(caller))
    if quote is None:
        raise not_found("quote")
    return quote


def _as_seen_by(caller: Caller, quote: Quote, shown: QuoteV1) -> QuoteV1:
    """Keep from a workshop who asks, while it sees the quote only since any workshop may price it.

    Of those that are visible, that is what is neither the caller's own nor any workshop's yet.
    """
    taken = quote.request.workshop_id or quote.workshop_account
    return shown if taken or caller.owns(quote.partner_id) else outgoing.anonymous(shown)
