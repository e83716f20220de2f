"""What a payment's outcome does to its order, and what an order's end does to its payments."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.order.domain import invoice as invoices
from services.order.domain import order as orders
from services.order.domain import payment as payments
from services.order.domain.invoice import Invoice, InvoiceEvent, Means, Receipt
from services.order.domain.order import Order, ServiceEvent
from services.order.domain.outcome import applied
from services.order.domain.payment import Outcome, Payment, PaymentEvent
from services.order.domain.refund import TooMuch
from shared.money import Money, total

Event = ServiceEvent | PaymentEvent


def settle(
    order: Order,
    payment: Payment,
    outcome: Outcome,
    now: datetime,
    bills: tuple[Invoice, ...] = (),
) -> tuple[Order, Payment, tuple[Event, ...]]:
    """Apply what the provider says of an order's payment; a repeated notice changes nothing.

    `bills` are the order's own open invoices, oldest first: money that doesn't pay whole ones of
    them was for something that isn't due any more.
    """
    nothing = Money(0, payment.amount.currency)
    due = order.balance_due if paid_by(bills, payment.amount) or not bills else nothing
    settled, told, counts = applied(payment, outcome, due, now)
    if not counts:
        return order, settled, told
    credited, created = _credited(order, settled, now)
    return credited, settled, (*told, *created)


def paid_by(bills: tuple[Invoice, ...], amount: Money) -> tuple[Invoice, ...]:
    """Tell which open invoices, oldest first, an amount pays to the cent; none if it doesn't."""
    left = amount.amount
    for place, bill in enumerate(bills, 1):
        left -= bill.amount_due.amount
        if left <= 0:
            return bills[:place] if left == 0 else ()
    return ()


def settle_invoice(
    invoice: Invoice, payment: Payment, outcome: Outcome, now: datetime
) -> tuple[Invoice, Payment, tuple[PaymentEvent | InvoiceEvent, ...]]:
    """Apply what the provider says of an invoice's payment: it pays all that is due, or goes back.

    What was credited, voided or paid otherwise meanwhile isn't due any more.
    """
    settled, told, counts = applied(payment, outcome, invoice.amount_due, now)
    if not counts:
        return invoice, settled, told
    paid, event = invoices.pay(invoice, Receipt(Means.CARD, payment.id), now)
    return paid, settled, (*told, event)


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
