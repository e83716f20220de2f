"""From a quote to an order: whether it can be bought, and for what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from services.order.domain.order import Order, Status
from services.order.domain.payment import Payment
from services.order.domain.payment import Status as PaymentStatus
from services.order.domain.terms import Terms


@dataclass(frozen=True, slots=True)
class Quote:
    """A quote as the quote service last told; without terms while a line has no price."""

    id: str
    partner_id: str
    version: int
    declined: bool
    expires_at: datetime
    terms: Terms | None
    workshop_id: str | None = None
    deal_id: str | None = None
    external_reference: str | None = None
    estimated_completion_at: datetime | None = None


class NotForSale(Exception):
    """A quote that can't be bought; `code` says why."""

    def __init__(self, code: str, explanation: str) -> None:
        self.code = code
        super().__init__(explanation)


def offered(quote: Quote, now: datetime) -> Terms:
    """Return what a quote offers at this moment; raises NotForSale."""
    if quote.declined:
        raise NotForSale("quote-declined", "The quote was declined.")
    if now >= quote.expires_at:
        raise NotForSale("quote-expired", f"The quote expired at {quote.expires_at.isoformat()}.")
    if quote.terms is None:
        raise NotForSale("quote-not-priced", "The quote still waits for a price.")
    return quote.terms


def order_of(quote: Quote, order_id: str, now: datetime) -> Order:
    """Make the unpaid order of a quote; raises NotForSale."""
    return Order(
        id=order_id,
        partner_id=quote.partner_id,
        status=Status.AWAITING_PAYMENT,
        terms=offered(quote, now),
        created_at=now,
        quote_id=quote.id,
        quote_version=quote.version,
        workshop_id=quote.workshop_id,
        deal_id=quote.deal_id,
        external_reference=quote.external_reference,
        estimated_completion_at=quote.estimated_completion_at,
    )


def renewed(order: Order, quote: Quote, now: datetime) -> Order:
    """Bring an unpaid order to what its quote offers now, before it is paid again.

    Raises NotForSale.
    """
    fresh = order_of(quote, order.id, now)
    return replace(fresh, created_at=order.created_at, sequence=order.sequence)


def payment_for(
    order: Order, payment_id: str, *, method: str, token: str, now: datetime
) -> Payment:
    """Open a payment of all that is still due for an order."""
    return Payment(
        id=payment_id,
        order_id=order.id,
        partner_id=order.partner_id,
        quote_id=order.quote_id,
        method=method,
        token=token,
        amount=order.balance_due,
        status=PaymentStatus.REQUIRES_PAYMENT,
        created_at=now,
    )
