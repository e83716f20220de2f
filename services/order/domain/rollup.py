"""What stands on a deal: what its invoice has or will have, and what was paid on its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.order.domain.deal import Deal
from services.order.domain.invoice import Invoice, Status
from services.order.domain.order import Order
from services.order.domain.order import Status as OrderStatus
from services.order.domain.sale import Quote
from shared.money import Money, total

UNFINISHED = frozenset({OrderStatus.PENDING, OrderStatus.IN_PROGRESS, OrderStatus.DELAYED})


class Billed(StrEnum):
    """Where an order is charged."""

    ON_DEAL = "deal"
    SEPARATELY = "separately"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class RollUp:
    """A deal with its orders, quotes and invoices, each oldest first."""

    deal: Deal
    orders: tuple[Order, ...]
    quotes: tuple[Quote, ...]
    invoices: tuple[Invoice, ...]

    @property
    def final(self) -> Invoice | None:
        """Return the invoice that closing made; an empty deal has none."""
        return next((each for each in self.invoices if each.order_id is None), None)

    @property
    def pending(self) -> tuple[Invoice, ...]:
        """List what the final invoice will have."""
        return tuple(each for each in self.invoices if each.status is Status.DRAFT)

    @property
    def separate(self) -> tuple[Invoice, ...]:
        """List what orders on the deal are charged on their own."""
        own = {Status.OPEN, Status.PAID}
        return tuple(each for each in self.invoices if each.order_id and each.status in own)

    @property
    def charged(self) -> tuple[Invoice, ...]:
        """List what makes up the deal's total."""
        return (self.final,) if self.final else self.pending

    @property
    def subtotal(self) -> Money:
        """Sum the deal's charges before tax, less what was credited."""
        lines = [line for each in self.charged for line in each.lines]
        return total((line.price - line.credited_price for line in lines), self.deal.currency)

    @property
    def tax(self) -> Money:
        """Sum the tax of the deal's charges, less what was credited."""
        lines = [line for each in self.charged for line in each.lines]
        return total((line.tax - line.credited_tax for line in lines), self.deal.currency)

    @property
    def total(self) -> Money:
        """Sum the deal's charges, tax included, less what was credited."""
        return self.subtotal + self.tax

    @property
    def unfinished(self) -> tuple[Order, ...]:
        """List the orders whose work isn't done: there may be more to charge."""
        return tuple(each for each in self.orders if each.status in UNFINISHED)

    @property
    def paid_separately(self) -> tuple[str, ...]:
        """Name the quotes that were paid on their own."""
        paid = {each.order_id for each in self.separate if each.status is Status.PAID}
        return tuple(each.quote_id for each in self.orders if each.quote_id and each.id in paid)

    def billed(self, order: Order) -> Billed:
        """Tell where an order is charged; a canceled one isn't any more."""
        if order.status is OrderStatus.CANCELED:
            return Billed.NOWHERE
        if any(line.order_id == order.id for each in self.charged for line in each.lines):
            return Billed.ON_DEAL
        own = any(each.order_id == order.id for each in self.separate)
        return Billed.SEPARATELY if own else Billed.NOWHERE

    def order_of(self, quote: Quote) -> Order | None:
        """Return the order that a quote led to."""
        return next((each for each in self.orders if each.quote_id == quote.id), None)


def standing(quote: Quote, order: Order | None, now: datetime) -> str:
    """Say how a quote on a deal stands, in the words of the quote service."""
    if order is not None:
        return "ordered"
    if quote.declined:
        return "declined"
    if now >= quote.expires_at:
        return "expired"
    return "awaiting-payment" if quote.terms else "pending"
