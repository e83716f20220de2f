"""An invoice and the orders that it charges: held together, settled together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement

from services.order.domain.invoice import Invoice
from services.order.domain.order import Order, ServiceEvent, credited, updated
from services.order.handlers.recording import record
from services.order.repository import invoices, orders
from services.order.repository.orders import Actor
from shared.database import Transaction
from shared.money import Money
from shared.problems import not_found


@dataclass(frozen=True, slots=True)
class Held:
    """A locked invoice, and the locked orders that its lines charge."""

    invoice: Invoice
    orders: Sequence[Order]


async def hold(work: Transaction, invoice_id: str, visible: ColumnElement[bool]) -> Held:
    """Lock an invoice after what it charges: orders come first, in every transaction.

    Raises a 404 Problem for none that is visible.
    """
    seen = await invoices.load(work.connection, invoice_id, visible)
    ids = sorted({line.order_id for line in seen.lines}) if seen else []
    charged = await orders.of_ids(work.connection, ids, lock=True)
    invoice = await invoices.load(work.connection, invoice_id, visible, lock=True)
    if invoice is None:
        raise not_found("invoice")
    return Held(invoice, charged)


async def settle(
    work: Transaction, charged: Sequence[Order], amounts: Mapping[str, Money], actor: Actor
) -> None:
    """Count for each order what isn't owed for it any more, so that no card is charged for it."""
    no_events: tuple[ServiceEvent, ...] = ()
    for order in charged:
        amount = amounts.get(order.id)
        if amount and amount.amount:
            settled, events = credited(order, amount), no_events
            if settled.paid != order.paid:
                settled, events = updated(order, settled, None)
            await record(work, order, settled, events, actor)
