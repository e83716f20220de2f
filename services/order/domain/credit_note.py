"""Credit notes: what is taken back of an invoice, never more than it charged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from services.order.domain.invoice import Invoice, InvoiceLine, Status
from services.order.domain.sums import Summed
from shared.money import Money


@dataclass(frozen=True, slots=True)
class CreditLine:
    """What is taken back of one line of the invoice; `position` counts from 1."""

    position: int
    order_id: str
    item_id: str
    event_id: str
    description: str
    price: Money
    tax: Money

    @property
    def total(self) -> Money:
        """Return price and tax."""
        return self.price + self.tax


@dataclass(frozen=True, slots=True)
class CreditNote(Summed):
    """A credit note; it takes back from an invoice under a number of its own."""

    id: str
    partner_id: str
    invoice_id: str
    invoice_number: str
    number: str
    currency: str
    reason: str
    lines: tuple[CreditLine, ...]
    created_at: datetime


class NothingToCredit(Exception):
    """Nothing is left of what was asked for, or the invoice charged nothing yet."""


class TooMuch(ValueError):
    """More was asked for than is left of a line; `position` counts from 1."""

    def __init__(self, position: int, left: Money) -> None:
        self.position = position
        self.left = left
        super().__init__(f"line {position} has {left.amount} left")


def credited(
    invoice: Invoice, asked: Mapping[int, Money]
) -> tuple[Invoice, tuple[CreditLine, ...]]:
    """Take amounts, tax included, back from lines by position (from 1).

    Raises NothingToCredit or TooMuch; an amount in another currency is a ValueError.
    """
    if invoice.status not in {Status.OPEN, Status.PAID}:
        raise NothingToCredit
    lines = list(invoice.lines)
    taken = []
    for position, amount in sorted(asked.items()):
        line = lines[position - 1]
        if (line.remaining - amount).amount < 0:
            raise TooMuch(position, line.remaining)
        if amount.amount > 0:
            lines[position - 1], note_line = _taken(line, position, amount)
            taken.append(note_line)
    if not taken:
        raise NothingToCredit
    return replace(invoice, lines=tuple(lines)), tuple(taken)


def left_of(invoice: Invoice, order_id: str | None = None) -> dict[int, Money]:
    """List by position what is left of an invoice's lines, of one order's or of all."""
    return {
        position: line.remaining
        for position, line in enumerate(invoice.lines, 1)
        if line.remaining.amount and order_id in {None, line.order_id}
    }


def left_by_order(invoice: Invoice) -> dict[str, Money]:
    """Sum what is left of an invoice's lines by order."""
    left: dict[str, Money] = {}
    for line in invoice.lines:
        so_far = left.get(line.order_id, Money(0, invoice.currency))
        left[line.order_id] = so_far + line.remaining
    return left


def by_order(lines: Iterable[CreditLine], currency: str) -> dict[str, Money]:
    """Sum what is taken back by order."""
    taken: dict[str, Money] = {}
    for line in lines:
        taken[line.order_id] = taken.get(line.order_id, Money(0, currency)) + line.total
    return taken


def last_lines(invoice: Invoice, amount: Money, order_id: str | None = None) -> dict[int, Money]:
    """Spread an amount over what is left of an invoice's lines, or one order's, last ones first."""
    spread = {}
    for position, left in reversed(left_of(invoice, order_id).items()):
        part = min(left, amount, key=lambda money: money.amount)
        if part.amount:
            spread[position] = part
            amount -= part
    return spread


def _taken(line: InvoiceLine, position: int, amount: Money) -> tuple[InvoiceLine, CreditLine]:
    # The tax so far is rounded, not each part's: parts never add up to more than the line's tax.
    so_far = line.credited + amount
    share = Decimal(line.tax.amount) * so_far.amount / line.total.amount
    tax_so_far = Money(int(share.quantize(Decimal(1), ROUND_HALF_UP)), amount.currency)
    tax = tax_so_far - line.credited_tax
    price = amount - tax
    taken = replace(line, credited_price=line.credited_price + price, credited_tax=tax_so_far)
    return taken, CreditLine(
        position, line.order_id, line.item_id, line.event_id, line.description, price, tax
    )
