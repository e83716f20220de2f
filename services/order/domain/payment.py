"""A payment's states, and what a provider can say of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from shared.money import Money


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
    """One attempt to pay for one order; `refund_due` is what the provider must still give back."""

    id: str
    order_id: str
    partner_id: str
    quote_id: str | None
    method: str
    token: str
    amount: Money
    status: Status
    refunded: Money
    refund_due: Money
    created_at: datetime
    settled_at: datetime | None = None
    failure_code: str | None = None
    next_action: NextAction | None = None
    sequence: int = 0

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


def refund(payment: Payment) -> tuple[Payment, tuple[PaymentEvent, ...]]:
    """Book the refund that was due, once the provider has made it."""
    given_back = payment.refunded + payment.refund_due
    action = Action.REFUND_REST if given_back == payment.amount else Action.REFUND_PART
    nothing = Money(0, payment.amount.currency)
    return advance(replace(payment, refunded=given_back, refund_due=nothing), action)


def owe_refund(payment: Payment) -> Payment:
    """Owe all that is left of a payment."""
    return replace(payment, refund_due=payment.amount - payment.refunded)
