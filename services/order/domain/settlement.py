"""What a payment's outcome does to its order, and what an order's end does to its payments."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.order.domain import order as orders
from services.order.domain import payment as payments
from services.order.domain.order import Order, ServiceEvent
from services.order.domain.payment import (
    ActionRequired,
    Declined,
    Outcome,
    Payment,
    PaymentEvent,
    Succeeded,
    Underway,
)

Event = ServiceEvent | PaymentEvent


def settle(
    order: Order, payment: Payment, outcome: Outcome, now: datetime
) -> tuple[Order, Payment, tuple[Event, ...]]:
    """Apply what the provider says; a notice of what is settled already changes nothing."""
    if payment.status is not payments.Status.PROCESSING:
        return order, payment, ()
    match outcome:
        case Succeeded():
            settled = replace(payment, settled_at=now, next_action=None)
            settled, paid = payments.advance(settled, payments.Action.SUCCEED)
            if payment.amount.amount > order.balance_due.amount:
                return order, payments.owe_refund(settled), paid
            credited, told = _credited(order, settled, now)
            return credited, settled, (*paid, *told)
        case Declined(code):
            settled = replace(payment, settled_at=now, next_action=None, failure_code=code)
            settled, failed = payments.advance(settled, payments.Action.FAIL)
            return order, settled, failed
        case ActionRequired(action):
            return order, replace(payment, next_action=action), ()
        case Underway():
            return order, replace(payment, next_action=None), ()


def _credited(
    order: Order, payment: Payment, now: datetime
) -> tuple[Order, tuple[ServiceEvent, ...]]:
    if order.status is not orders.Status.AWAITING_PAYMENT:
        return orders.updated(order, orders.credited(order, payment.amount), None)
    confirmed, (created,) = orders.act(order, orders.Action.CONFIRM, now)
    paid = orders.credited(confirmed, payment.amount)
    return paid, (replace(created, order=paid, changes=orders.changes(order, paid)),)


def owed_after_cancel(paid: tuple[Payment, ...]) -> tuple[Payment, ...]:
    """Owe back whatever was paid for an order that is canceled."""
    refundable = {payments.Status.SUCCEEDED, payments.Status.PARTIALLY_REFUNDED}
    return tuple(payments.owe_refund(each) for each in paid if each.status in refundable)
