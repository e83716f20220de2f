"""Lists of orders that cost the same among a thousand and a million.

Each way in which an order can be a caller's has an index that ends in the id. One statement takes a
page from each of them, and then the newest of those; a condition with OR would read them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, lateral, select, true, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from services.order.domain.order import Order, Status
from services.order.repository import access, rows
from services.order.tables.orders import orders
from services.order.tables.projections import workshops
from shared.auth import Caller, Scope
from shared.ids import first_id

SLACK = timedelta(hours=1)
"""How much later than its order an id may be made: a transaction's length, and clocks that differ.

Business time that was put forward is later than the ids of its orders, which does no harm.
"""


@dataclass(frozen=True, slots=True)
class Created:
    """When orders were made: from a moment on, and before another."""

    since: datetime | None = None
    before: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Match them; ids are made with time, so that a list by id needn't begin at the newest."""
        found = []
        if self.since:
            found.append(orders.c.created_at >= self.since)
        if self.before:
            found.append(orders.c.created_at < self.before)
            found.append(orders.c.id < first_id("ord", self.before + SLACK))
        return found


async def page(
    connection: AsyncConnection,
    caller: Caller,
    asked: Mapping[str, Any],
    created: Created,
    *,
    before: str | None,
    limit: int,
) -> list[Order]:
    """Load a caller's orders, newest first, by the columns and moments that are asked for."""
    query = _listed(caller, asked, created, before, limit)
    return [rows.order_from(row) for row in (await connection.execute(query)).mappings()]


def _listed(
    caller: Caller,
    asked: Mapping[str, Any],
    created: Created,
    before: str | None,
    limit: int,
) -> Select[Any]:
    wanted = [orders.c[name] == value for name, value in asked.items()]
    wanted += created.conditions()
    if asked.get("status") is not Status.AWAITING_PAYMENT:
        wanted.append(access.PLACED)
    if before:
        wanted.append(orders.c.id < before)

    def newest(*own: ColumnElement[bool]) -> Select[Any]:
        query = select(orders.c.id).where(*own, *wanted)
        return query.order_by(orders.c.id.desc()).limit(limit)

    if caller.is_operator:
        ways = [newest()]
    else:
        ways = [select(each.subquery()) for each in _ways(caller, asked, newest)]
    ids = union_all(*ways).subquery() if len(ways) > 1 else ways[0].subquery()
    found = select(orders).where(orders.c.id.in_(select(ids.c.id)))
    return found.order_by(orders.c.id.desc()).limit(limit)


def _ways(caller: Caller, asked: Mapping[str, Any], newest: Any) -> list[Select[Any]]:
    """List the ways in which orders are a caller's, each with a page of its newest."""
    ways = []
    if Scope.PARTNER in caller.scopes:
        ways.append(newest(orders.c.partner_id == caller.partner_id))
    if not caller.is_workshop:
        return ways
    its = lateral(newest(orders.c.workshop_id == workshops.c.id, access.PLACED))
    mine = workshops.c.partner_id == caller.partner_id
    ways.append(select(its.c.id).select_from(workshops.join(its, true())).where(mine))
    if "workshop_id" not in asked:
        ways.append(newest(orders.c.workshop_account == caller.partner_id, access.PLACED))
        # Nobody learns from a filter what isn't shown to him.
        if "plate" not in asked:
            ways.append(newest(access.NOBODYS))
    return ways
