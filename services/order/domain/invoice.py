"""An invoice's states, its lines, and what is due of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from services.order.domain.sums import Summed
from services.order.domain.terms import Contact, TaxShare
from shared.money import Money, total


class Status(StrEnum):
    """Where an invoice stands."""

    DRAFT = "draft"
    OPEN = "open"
    PAID = "paid"
    VOID = "void"


class Action(StrEnum):
    """What can be done to an invoice."""

    ISSUE = "issue"
    PAY = "pay"
    VOID = "void"
    DISCARD = "discard"


class Announcement(StrEnum):
    """What everyone is told of an invoice."""

    CREATED = "invoice.created"
    PAID = "invoice.paid"
    VOIDED = "invoice.voided"


TRANSITIONS: dict[tuple[Status, Action], tuple[Status, Announcement | None]] = {
    (Status.DRAFT, Action.ISSUE): (Status.OPEN, Announcement.CREATED),
    # Nobody was told of a draft, so nobody is told of its end.
    (Status.DRAFT, Action.DISCARD): (Status.VOID, None),
    (Status.OPEN, Action.PAY): (Status.PAID, Announcement.PAID),
    (Status.OPEN, Action.VOID): (Status.VOID, Announcement.VOIDED),
}


class Means(StrEnum):
    """How an invoice was paid."""

    CARD = "card"
    BANK_TRANSFER = "bank-transfer"
    NOTHING_DUE = "nothing-due"


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One amount, the order's line that it charges, and the event that made it chargeable."""

    order_id: str
    item_id: str
    event_id: str
    description: str
    quantity: int
    price: Money
    tax: Money
    credited_price: Money
    credited_tax: Money
    taxes: tuple[TaxShare, ...] = ()

    @property
    def total(self) -> Money:
        """Return price and tax."""
        return self.price + self.tax

    @property
    def credited(self) -> Money:
        """Return what credit notes took back, tax included."""
        return self.credited_price + self.credited_tax

    @property
    def remaining(self) -> Money:
        """Return what could still be credited, tax included."""
        return self.total - self.credited


@dataclass(frozen=True, slots=True)
class Receipt:
    """How the money came: by which payment, or under which reference of a bank."""

    means: Means
    payment_id: str | None = None
    reference: str | None = None

    @property
    def by_card(self) -> bool:
        """Tell whether a payment stands behind it."""
        return self.means is Means.CARD


@dataclass(frozen=True, slots=True)
class Issue:
    """What an invoice gets when it opens, and keeps; whoever has the key may read it."""

    number: str
    due_on: date
    seller: Mapping[str, Any] = field(hash=False)
    buyer: Mapping[str, Any] = field(hash=False)
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Invoice(Summed):
    """An invoice; `rolled_into` is the deal's final one that took a draft's lines."""

    id: str
    partner_id: str
    currency: str
    status: Status
    lines: tuple[InvoiceLine, ...]
    created_at: datetime
    order_id: str | None = None
    deal_id: str | None = None
    contact: Contact | None = None
    issue: Issue | None = None
    issued_at: datetime | None = None
    receipt: Receipt | None = None
    paid_at: datetime | None = None
    reason: str | None = None
    rolled_into: str | None = None
    sequence: int = 0

    @property
    def credited(self) -> Money:
        """Sum what credit notes took back."""
        return total((line.credited for line in self.lines), self.currency)

    @property
    def paid_by_card(self) -> bool:
        """Tell whether a payment by card can be given back for it."""
        return self.status is Status.PAID and self.receipt is not None and self.receipt.by_card

    @property
    def amount_due(self) -> Money:
        """Return what is still to be paid: nothing but of an open invoice."""
        due = self.total - self.credited
        return due if self.status is Status.OPEN else due - due


@dataclass(frozen=True, slots=True)
class InvoiceEvent:
    """An invoice as it stands after a change that is announced."""

    announcement: Announcement
    invoice: Invoice


class NotAllowed(Exception):
    """The invoice's status has no such way on; `allowed` lists the actions that it has."""

    def __init__(self, invoice: Invoice, action: Action) -> None:
        self.status = invoice.status
        self.allowed = tuple(each for each in Action if (invoice.status, each) in TRANSITIONS)
        super().__init__(f"{action} of an invoice that is {invoice.status}")


def issue(invoice: Invoice, given: Issue, now: datetime) -> tuple[Invoice, InvoiceEvent]:
    """Open a draft under its number; raises NotAllowed."""
    return _announced(replace(invoice, issue=given, issued_at=now), invoice, Action.ISSUE)


def pay(invoice: Invoice, receipt: Receipt, now: datetime) -> tuple[Invoice, InvoiceEvent]:
    """Book all that is due as received; raises NotAllowed."""
    return _announced(replace(invoice, receipt=receipt, paid_at=now), invoice, Action.PAY)


def void(invoice: Invoice, reason: str) -> tuple[Invoice, InvoiceEvent]:
    """Take back an unpaid invoice, which keeps its number; raises NotAllowed."""
    return _announced(replace(invoice, reason=reason), invoice, Action.VOID)


def discard(invoice: Invoice, reason: str, *, rolled_into: str | None = None) -> Invoice:
    """End a draft, whose lines another invoice may have taken; raises NotAllowed."""
    status, _ = _way(invoice, Action.DISCARD)
    return replace(invoice, status=status, reason=reason, rolled_into=rolled_into)


def _announced(changed: Invoice, invoice: Invoice, action: Action) -> tuple[Invoice, InvoiceEvent]:
    status, announcement = _way(invoice, action)
    if announcement is None:
        raise LookupError(f"nobody is told of {action}")
    moved = replace(changed, status=status, sequence=invoice.sequence + 1)
    return moved, InvoiceEvent(announcement, moved)


def _way(invoice: Invoice, action: Action) -> tuple[Status, Announcement | None]:
    if (invoice.status, action) not in TRANSITIONS:
        raise NotAllowed(invoice, action)
    return TRANSITIONS[invoice.status, action]
