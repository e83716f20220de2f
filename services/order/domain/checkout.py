"""Where a quote stands for whoever is to pay it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.order.domain import order as orders
from services.order.domain import payment as payments
from services.order.domain.order import Order
from services.order.domain.payment import Payment
from services.order.domain.sale import NotForSale, Quote, offered
from services.order.domain.terms import Terms


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


MAY_PAY = frozenset({Stage.PAYABLE, Stage.CONFIRMING})

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


@dataclass(frozen=True, slots=True)
class Checkout:
    """A quote, its order if there is one, and every attempt to pay, oldest first."""

    quote: Quote
    order: Order | None
    payments: tuple[Payment, ...]
    stage: Stage

    @property
    def terms(self) -> Terms | None:
        """Return what was ordered, or what is offered; None where that has no price yet."""
        if self.order and self.order.status is not orders.Status.AWAITING_PAYMENT:
            return self.order.terms
        return self.quote.terms

    @property
    def payment(self) -> Payment | None:
        """Return the last attempt."""
        return self.payments[-1] if self.payments else None

    @property
    def failure(self) -> str | None:
        """Return why the last attempt failed, where another can be made."""
        return self.payment.failure_code if self.payment and self.may_pay else None

    @property
    def may_pay(self) -> bool:
        """Tell whether another attempt would be accepted."""
        return self.stage in MAY_PAY


def checkout(
    quote: Quote, order: Order | None, attempts: tuple[Payment, ...], now: datetime
) -> Checkout:
    """Tell where a quote stands; a payment that was begun comes before the quote's expiry."""
    return Checkout(quote, order, attempts, _stage(quote, order, attempts, now))


def waiting(attempts: tuple[Payment, ...]) -> Stage | None:
    """Tell what an attempt that has no outcome yet waits for: its payer, or the provider."""
    for attempt in attempts:
        if attempt.status is payments.Status.PROCESSING:
            return Stage.CONFIRMING if attempt.next_action else Stage.SETTLING
    return None


def _stage(
    quote: Quote, order: Order | None, attempts: tuple[Payment, ...], now: datetime
) -> Stage:
    if order and order.status is orders.Status.CANCELED:
        return Stage.CANCELED
    if order and order.status is not orders.Status.AWAITING_PAYMENT:
        # Work that was added since may be due, and is no part of the quote.
        paid = order.paid or any(attempt.status in _TAKEN for attempt in attempts)
        return Stage.PAID if paid else Stage.ON_ACCOUNT
    if underway := waiting(attempts):
        return underway
    try:
        offered(quote, now)
    except NotForSale as refused:
        return _REFUSED[refused.code]
    return Stage.PAYABLE
