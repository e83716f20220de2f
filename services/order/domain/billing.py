"""From orders to invoices: what an order charges, and which invoice has it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.order.domain.deal import Deal
from services.order.domain.invoice import Invoice, InvoiceLine, Status
from services.order.domain.order import Order
from services.order.domain.order import Status as OrderStatus
from services.order.domain.terms import Line
from shared.money import Money

MAX_LINES = 1000
"""Of a deal: its invoice is one event, and must fit a broker's message."""

MAX_BYTES, LINE_BYTES = 750_000, 350
"""Of those lines together, and of one without its description."""


def charged(order: Order | None) -> tuple[Line, ...]:
    """List the lines that an order charges: none before it is placed, none once it is canceled."""
    if order is None or order.status in {OrderStatus.AWAITING_PAYMENT, OrderStatus.CANCELED}:
        return ()
    return order.terms.lines


def newly_charged(before: Order | None, after: Order) -> tuple[Line, ...]:
    """List what a change made chargeable."""
    known = {line.id for line in charged(before)}
    return tuple(line for line in charged(after) if line.id not in known)


def was_canceled(before: Order | None, after: Order) -> bool:
    """Tell whether a change ended an order that charged something."""
    return bool(charged(before)) and after.status is OrderStatus.CANCELED


def draft(
    invoice_id: str, order: Order, lines: Sequence[Line], event_id: str, now: datetime
) -> Invoice:
    """Draft the invoice of an order's lines, which the event made chargeable."""
    nothing = Money(0, order.terms.currency)
    return Invoice(
        id=invoice_id,
        partner_id=order.partner_id,
        currency=order.terms.currency,
        status=Status.DRAFT,
        lines=tuple(
            InvoiceLine(
                order_id=order.id,
                item_id=line.id,
                event_id=event_id,
                description=line.description,
                quantity=line.quantity,
                price=line.price,
                tax=line.tax,
                credited_price=nothing,
                credited_tax=nothing,
                taxes=line.taxes,
            )
            for line in lines
        ),
        created_at=now,
        order_id=order.id,
        deal_id=order.deal_id,
        contact=order.terms.contact,
    )


def final(invoice_id: str, deal: Deal, drafts: Sequence[Invoice], now: datetime) -> Invoice:
    """Draft the deal's one invoice, of all that its orders charge."""
    return Invoice(
        id=invoice_id,
        partner_id=deal.partner_id,
        currency=deal.currency,
        status=Status.DRAFT,
        lines=tuple(line for each in drafts for line in each.lines),
        created_at=now,
        deal_id=deal.id,
        contact=deal.contact,
    )
