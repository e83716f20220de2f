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
from services.order.domain.refund import TooMuch
from shared.money import Money, total

Event = ServiceEvent | PaymentEvent

TOO_LATE = "The payment came too late."


def settle(
    order: Order, payment: Payment, outcome: Outcome, now: datetime
) -> tuple[Order, Payment, tuple[Event, ...]]:
    """Apply what the provider says; a notice of what is settled already changes nothing.

    A success counts for the order while it is due, whenever it comes. What was told to have
    failed, or isn't due any more, goes back.
    """
    if isinstance(outcome, Succeeded) and payment.status is payments.Status.FAILED:
        settled = replace(payment, settled_at=now, failure_code=None)
        settled, paid = payments.advance(settled, payments.Action.SUCCEED_LATE)
        return order, payments.owe(settled, settled.amount, TOO_LATE, now), paid
    if payment.status is not payments.Status.PROCESSING:
        return order, payment, ()
    match outcome:
        case Succeeded():
            settled = replace(payment, settled_at=now, next_action=None)
            settled, paid = payments.advance(settled, payments.Action.SUCCEED)
            if payment.amount.amount > order.balance_due.amount:
                return order, payments.owe(settled, settled.amount, TOO_LATE, now), paid
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
    by_it = replace(order, payment_method=payment.method)
    confirmed, (created,) = orders.act(by_it, orders.Action.CONFIRM, now)
    paid = orders.credited(confirmed, payment.amount)
    return paid, (replace(created, order=paid, changes=orders.changes(order, paid)),)


def owe_back(
    paid: tuple[Payment, ...], amount: Money | None, reason: str, now: datetime
) -> tuple[Payment, ...]:
    """Owe an amount back of what was paid for an order, from the last payment on; all without one.

    Returns the payments that changed; raises TooMuch. Another currency is a ValueError.
    """
    left = total((each.left for each in paid), amount.currency) if amount else None
    if amount and left and amount.amount > left.amount:
        raise TooMuch(left)
    owing = []
    for payment in reversed(paid):
        part = payment.left if amount is None else min(payment.left, amount, key=_minor)
        if part.amount:
            owing.append(payments.owe(payment, part, reason, now))
            amount = amount and amount - part
    return tuple(owing)


def _minor(money: Money) -> int:
    return money.amount
