"""Loads and saves quotes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    cast,
    delete,
    func,
    insert,
    lateral,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from services.quote.domain.lifecycle import Status
from services.quote.domain.quote import Quote
from services.quote.repository import access
from services.quote.repository.rows import item_row, quote_from, quote_row
from services.quote.tables.projections import workshops
from services.quote.tables.quotes import quote_items, quotes
from shared.auth import Caller
from shared.statements import given


class Stale(Exception):
    """Somebody else changed the quote since it was loaded."""


_ADD_QUOTE = insert(quotes).from_select(quotes.c.keys(), given("quotes", quotes.c))
_ADD_LINES = insert(quote_items).from_select(quote_items.c.keys(), given("lines", quote_items.c))

ADD = _ADD_QUOTE, _ADD_LINES
"""What saves a new quote with its lines, given its `values`."""


def values(quote: Quote) -> dict[str, Any]:
    """Write a quote and its lines for what saves them."""
    return {"quotes": [quote_row(quote)], "lines": _lines(quote)}


async def save(connection: AsyncConnection, quote: Quote, *, lines: bool = False) -> None:
    """Save what an action changed, the lines only when told to.

    Raises Stale when it wasn't one step from what is stored.
    """
    statement = (
        update(quotes)
        .where(quotes.c.id == quote.id, quotes.c.sequence == quote.sequence - 1)
        .values(quote_row(quote))
    )
    if (await connection.execute(statement)).rowcount != 1:
        raise Stale(quote.id)
    if lines:
        await connection.execute(delete(quote_items).where(quote_items.c.quote_id == quote.id))
        await connection.execute(_ADD_LINES, {"lines": _lines(quote)})


def _lines(quote: Quote) -> list[dict[str, Any]]:
    return [item_row(quote, number, item) for number, item in enumerate(quote.items)]


async def load(
    connection: AsyncConnection, quote_id: str, visible: ColumnElement[bool], *, lock: bool = False
) -> Quote | None:
    """Load one quote if it is visible; `lock` holds it until the transaction ends."""
    query = select(quotes).where(quotes.c.id == quote_id, visible)
    found = await _quotes(connection, query.with_for_update() if lock else query)
    return found[0] if found else None


async def is_among(connection: AsyncConnection, quote_id: str, which: ColumnElement[bool]) -> bool:
    """Tell whether a quote is one of these."""
    found = select(quotes.c.id).where(quotes.c.id == quote_id, which)
    return await connection.scalar(found) is not None


async def page(
    connection: AsyncConnection,
    caller: Caller,
    wanted: Iterable[ColumnElement[bool]],
    *,
    before: str | None,
    limit: int,
) -> list[Quote]:
    """Load quotes that are visible to a caller, newest first.

    Each way in which they are has an index that ends in the id: a page is taken from each of them,
    and then the newest of those. One condition with OR would read everybody's.
    """
    conditions = [*wanted, quotes.c.id < before] if before else [*wanted]

    def newest(*way: ColumnElement[bool]) -> Select[Any]:
        query = select(quotes.c.id).where(*way, *conditions)
        return query.order_by(quotes.c.id.desc()).limit(limit)

    if caller.is_operator:
        ids = newest().subquery()
    else:
        ids = union_all(*(select(way.subquery()) for way in _ways(caller, newest))).subquery()
    found = select(quotes).where(quotes.c.id.in_(select(ids.c.id)))
    return await _quotes(connection, found.order_by(quotes.c.id.desc()).limit(limit))


def _ways(caller: Caller, newest: Callable[..., Select[Any]]) -> Iterator[Select[Any]]:
    """Give the ways of `access.visible_to`, each with a page of its newest."""
    yield newest(quotes.c.partner_id == caller.partner_id)
    if caller.is_workshop:
        its = lateral(newest(quotes.c.workshop_id == workshops.c.id))
        own = workshops.c.partner_id == caller.partner_id
        yield select(its.c.id).select_from(workshops.join(its, true())).where(own)
        yield newest(quotes.c.workshop_account == caller.partner_id)
        yield newest(access.FOR_ANYBODY)


async def due_to_expire(connection: AsyncConnection, now: datetime, limit: int) -> list[Quote]:
    """Lock quotes whose time is up, leaving out those that another process is at."""
    query = (
        select(quotes)
        .where(
            quotes.c.status.in_([Status.PENDING, Status.AWAITING_PAYMENT]),
            quotes.c.expires_at <= now,
        )
        .order_by(quotes.c.expires_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return await _quotes(connection, query)


async def _quotes(connection: AsyncConnection, query: Select[Any]) -> list[Quote]:
    rows = (await connection.execute(query)).all()
    if not rows:
        return []
    lines: dict[str, list[Any]] = {row.id: [] for row in rows}
    found = await connection.execute(
        select(quote_items)
        .where(quote_items.c.quote_id == func.any(cast([row.id for row in rows], ARRAY(Text))))
        .order_by(quote_items.c.quote_id, quote_items.c.line)
    )
    for line in found:
        lines[line.quote_id].append(line)
    return [quote_from(row, lines[row.id]) for row in rows]
