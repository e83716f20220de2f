"""Where a quote, an order or an invoice stands for whoever is to pay it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.order.domain import invoice as invoices
from services.order.domain import order as orders
from services.order.domain import payment as payments
from services.order.domain.invoice import Invoice
from services.order.domain.order import Order
from services.order.domain.payment import Payment
from services.order.domain.sale import NotForSale, Quote, offered


class Stage(StrEnum):
    """What the payer can do now, or has to wait for."""

    UNPRICED = "unpriced"
    PAYABLE = "payable"
    CONFIRMING = "confirming"
    SETTLING = "settling"
    PAID = "paid"
    ON_ACCOUNT = "on-account"
    CANCELED = "canceled"
    EXPIRED = "expired"
    DECLINED = "declined"


_MAY_PAY = {Stage.PAYABLE, Stage.CONFIRMING}

_TAKEN = {
    payments.Status.SUCCEEDED,
    payments.Status.PARTIALLY_REFUNDED,
    payments.Status.REFUNDED,
}

_REFUSED = {
    "quote-declined": Stage.DECLINED,
    "quote-expired": Stage.EXPIRED,
    "quote-not-priced": Stage.UNPRICED,
}

_ENDED = {invoices.Status.PAID: Stage.PAID, invoices.Status.VOID: Stage.CANCELED}


@dataclass(frozen=True, slots=True)
class Standing:
    """The stage that attempts to pay, oldest first, have led to.

    `waiting_for` is one that has no outcome yet.
    """

    stage: Stage
    attempts: tuple[Payment, ...] = ()
    waiting_for: Payment | None = None

    @property
    def may_pay(self) -> bool:
        """Tell whether another attempt would be accepted."""
        return self.stage in _MAY_PAY

    @property
    def failure(self) -> str | None:
        """Return why the last attempt failed, where another can be made."""
        return self.attempts[-1].failure_code if self.attempts and self.may_pay else None


def of_quote(
    quote: Quote, order: Order | None, attempts: tuple[Payment, ...], now: datetime
) -> Standing:
    """Tell where a quote stands; a payment that was begun comes before the quote's expiry."""
    if order and order.status is orders.Status.CANCELED:
        return Standing(Stage.CANCELED, attempts)
    if order and order.status is not orders.Status.AWAITING_PAYMENT:
        # Work that was added since may be due, and is no part of the quote.
        paid = order.paid or any(attempt.status in _TAKEN for attempt in attempts)
        return Standing(Stage.PAID if paid else Stage.ON_ACCOUNT, attempts)
    return _waiting(attempts, attempts) or Standing(_sold(quote, now), attempts)


def of_order(
    order: Order, attempts: tuple[Payment, ...], underway: tuple[Payment, ...]
) -> Standing:
    """Tell where what is due for an order stands; `underway` are its invoices' payments, too."""
    if order.status is orders.Status.CANCELED:
        return Standing(Stage.CANCELED, attempts)
    if waiting := _waiting(attempts, underway):
        return waiting
    if not order.balance_due.amount:
        return Standing(Stage.PAID, attempts)
    return Standing(Stage.ON_ACCOUNT if order.deal_id else Stage.PAYABLE, attempts)


def of_invoice(
    invoice: Invoice, attempts: tuple[Payment, ...], underway: tuple[Payment, ...]
) -> Standing:
    """Tell where an issued invoice stands.

    `underway` are the payments for what it charges, too: while one is, nobody is to pay twice.
    """
    if ended := _ENDED.get(invoice.status):
        return Standing(ended, attempts)
    return _waiting(attempts, underway) or Standing(Stage.PAYABLE, attempts)


def _waiting(attempts: tuple[Payment, ...], underway: tuple[Payment, ...]) -> Standing | None:
    """Tell what a payment that has no outcome yet waits for: its payer, or the provider."""
    for payment in underway:
        if payment.status is payments.Status.PROCESSING:
            stage = Stage.CONFIRMING if payment.next_action else Stage.SETTLING
            return Standing(stage, attempts, payment)
    return None


def _sold(quote: Quote, now: datetime) -> Stage:
    try:
        offered(quote, now)
    except NotForSale as refused:
        return _REFUSED[refused.code]
    return Stage.PAYABLE
