"""What can be read of orders: each caller its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.order.handlers.progress import View
from services.order.repository import access, ledger, order_lists, orders
from services.order.repository.order_lists import Created
from services.order.repository.orders import Entry
from shared.auth import Caller
from shared.database import Database
from shared.problems import not_found


async def read(database: Database, caller: Caller, order_id: str) -> View:
    """Read one order; raises a 404 Problem for none of the caller's."""
    async with database.reading() as connection:
        order = await orders.load(connection, order_id, access.visible_to(caller))
        if order is None:
            raise not_found("order")
        payments = await ledger.of_orders(connection, [order_id])
    return View(access.seen_by(caller, order), payments[order_id])


async def page(
    database: Database,
    caller: Caller,
    asked: Mapping[str, Any],
    created: Created,
    *,
    before: str | None,
    limit: int,
) -> list[View]:
    """Read orders of the caller's, newest first."""
    async with database.reading() as connection:
        found = await order_lists.page(
            connection, caller, asked, created, before=before, limit=limit
        )
        payments = await ledger.of_orders(connection, [order.id for order in found])
    return [View(access.seen_by(caller, each), payments[each.id]) for each in found]


async def history(
    database: Database, caller: Caller, order_id: str, *, after: int, limit: int
) -> list[Entry]:
    """Read an order's changes, oldest first; raises a 404 Problem for none of the caller's."""
    async with database.reading() as connection:
        if await orders.load(connection, order_id, access.visible_to(caller)) is None:
            raise not_found("order")
        return await orders.history(connection, order_id, after=after, limit=limit)
