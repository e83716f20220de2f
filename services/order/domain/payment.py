"""A payment's states, and what a provider can say of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.order.domain.refund import Refund, TooMuch
from shared.money import Money, total


class Status(StrEnum):
    """Where a payment stands."""

    REQUIRES_PAYMENT = "requires-payment"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    PARTIALLY_REFUNDED = "partially-refunded"
    REFUNDED = "refunded"


class Action(StrEnum):
    """What can happen to a payment."""

    BEGIN = "begin"
    SUCCEED = "succeed"
    SUCCEED_LATE = "succeed-late"
    FAIL = "fail"
    REFUND_PART = "refund-part"
    REFUND_REST = "refund-rest"


class Announcement(StrEnum):
    """What everyone is told of a payment."""

    SUCCEEDED = "payment.succeeded"
    FAILED = "payment.failed"
    REFUNDED = "payment.refunded"


TRANSITIONS: dict[tuple[Status, Action], tuple[Status, Announcement | None]] = {
    (Status.REQUIRES_PAYMENT, Action.BEGIN): (Status.PROCESSING, None),
    (Status.PROCESSING, Action.SUCCEED): (Status.SUCCEEDED, Announcement.SUCCEEDED),
    (Status.PROCESSING, Action.FAIL): (Status.FAILED, Announcement.FAILED),
    # Everyone was told that nothing was charged: it goes back.
    (Status.FAILED, Action.SUCCEED_LATE): (Status.SUCCEEDED, Announcement.SUCCEEDED),
    (Status.SUCCEEDED, Action.REFUND_PART): (Status.PARTIALLY_REFUNDED, Announcement.REFUNDED),
    (Status.SUCCEEDED, Action.REFUND_REST): (Status.REFUNDED, Announcement.REFUNDED),
    (Status.PARTIALLY_REFUNDED, Action.REFUND_PART): (
        Status.PARTIALLY_REFUNDED,
        Announcement.REFUNDED,
    ),
    (Status.PARTIALLY_REFUNDED, Action.REFUND_REST): (Status.REFUNDED, Announcement.REFUNDED),
}


@dataclass(frozen=True, slots=True)
class NextAction:
    """What the payer has to do before the provider goes on, and where."""

    type: str
    url: str


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The provider has the money."""


@dataclass(frozen=True, slots=True)
class Declined:
    """The provider will never have it; the code says why."""

    code: str


@dataclass(frozen=True, slots=True)
class ActionRequired:
    """The provider waits for the payer."""

    action: NextAction


@dataclass(frozen=True, slots=True)
class Underway:
    """The provider doesn't know yet."""


Outcome = Succeeded | Declined | ActionRequired | Underway


@dataclass(frozen=True, slots=True)
class Payment:
    """One attempt to pay for one order or one invoice, and what of it goes back."""

    id: str
    order_id: str | None
    partner_id: str
    quote_id: str | None
    method: str
    token: str
    amount: Money
    status: Status
    created_at: datetime
    settled_at: datetime | None = None
    failure_code: str | None = None
    next_action: NextAction | None = None
    sequence: int = 0
    refunds: tuple[Refund, ...] = ()
    invoice_id: str | None = None

    @property
    def refunded(self) -> Money:
        """Sum what was given back."""
        made = (each.amount for each in self.refunds if each.made_at)
        return total(made, self.amount.currency)

    @property
    def refund_due(self) -> Money:
        """Sum what the provider must still give back."""
        due = (each.amount for each in self.refunds if not each.made_at)
        return total(due, self.amount.currency)

    @property
    def left(self) -> Money:
        """Return what could still be given back."""
        if self.status not in {Status.SUCCEEDED, Status.PARTIALLY_REFUNDED}:
            return Money(0, self.amount.currency)
        return self.amount - self.refunded - self.refund_due

    @property
    def is_open(self) -> bool:
        """Tell whether its outcome is still to come."""
        return self.status in {Status.REQUIRES_PAYMENT, Status.PROCESSING}

    @property
    def is_due(self) -> bool:
        """Tell whether the provider has to be asked again."""
        return self.is_open or self.refund_due.amount > 0


@dataclass(frozen=True, slots=True)
class PaymentEvent:
    """A payment as it stands after a change that is announced."""

    announcement: Announcement
    payment: Payment


class NotAllowed(Exception):
    """The payment's status has no such way on."""


def advance(payment: Payment, action: Action) -> tuple[Payment, tuple[PaymentEvent, ...]]:
    """Move a payment on as the table says; raises NotAllowed when it says nothing."""
    if (payment.status, action) not in TRANSITIONS:
        raise NotAllowed(f"{action} of a payment that is {payment.status}")
    status, announcement = TRANSITIONS[payment.status, action]
    if announcement is None:
        return replace(payment, status=status), ()
    moved = replace(payment, status=status, sequence=payment.sequence + 1)
    return moved, (PaymentEvent(announcement, moved),)


def owe(payment: Payment, amount: Money, reason: str | None, now: datetime) -> Payment:
    """Owe some of a payment back; raises TooMuch when less is left of it."""
    if amount.amount > payment.left.amount:
        raise TooMuch(payment.left)
    refund = Refund(f"{payment.id}.{len(payment.refunds) + 1}", amount, reason, now)
    return replace(payment, refunds=(*payment.refunds, refund))


def refunded(
    payment: Payment, refund_id: str, now: datetime
) -> tuple[Payment, tuple[PaymentEvent, ...]]:
    """Book a refund that the provider has made; one that is booked already changes nothing."""
    refunds = tuple(
        replace(each, made_at=now) if each.id == refund_id and not each.made_at else each
        for each in payment.refunds
    )
    if refunds == payment.refunds:
        return payment, ()
    booked = replace(payment, refunds=refunds)
    whole = booked.refunded == payment.amount
    return advance(booked, Action.REFUND_REST if whole else Action.REFUND_PART)
