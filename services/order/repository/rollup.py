"""Loads what stands on a deal."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.order.domain.billing import MAX_LINES
from services.order.domain.deal import Deal
from services.order.domain.rollup import RollUp
from services.order.repository import invoices, rows
from services.order.tables.orders import orders
from services.order.tables.projections import quotes


async def load(connection: AsyncConnection, deal: Deal) -> RollUp:
    """Load a deal's orders, quotes and invoices; an attempt to pay isn't an order yet."""
    its_orders = (
        select(orders)
        .where(orders.c.deal_id == deal.id, orders.c.sequence > 0)
        .order_by(orders.c.id)
        .limit(MAX_LINES)
    )
    its_quotes = (
        select(quotes)
        .where(quotes.c.deal_id == deal.id, quotes.c.partner_id == deal.partner_id)
        .order_by(quotes.c.id)
        .limit(MAX_LINES)
    )
    found_orders = (await connection.execute(its_orders)).mappings()
    found_quotes = (await connection.execute(its_quotes)).mappings()
    return RollUp(
        deal=deal,
        orders=tuple(map(rows.order_from, found_orders)),
        quotes=tuple(map(rows.quote_from, found_quotes)),
        invoices=tuple(await invoices.of_deal(connection, deal.id)),
    )
