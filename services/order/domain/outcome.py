"""What a provider's word does to a payment, whatever is paid by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.order.domain import payment as payments
from services.order.domain.payment import (
    ActionRequired,
    Declined,
    Outcome,
    Payment,
    PaymentEvent,
    Succeeded,
    Underway,
)
from shared.money import Money

TOO_LATE = "The payment came too late."


def applied(
    payment: Payment, outcome: Outcome, due: Money, now: datetime
) -> tuple[Payment, tuple[PaymentEvent, ...], bool]:
    """Apply an outcome to a payment, and tell whether it pays what is due by now.

    A notice of what is settled already changes nothing. A success counts while it is due, whenever
    it comes; what was told to have failed, or isn't due any more, is owed back.
    """
    if isinstance(outcome, Succeeded) and payment.status is payments.Status.FAILED:
        settled = replace(payment, settled_at=now, failure_code=None)
        settled, paid = payments.advance(settled, payments.Action.SUCCEED_LATE)
        return payments.owe(settled, settled.amount, TOO_LATE, now), paid, False
    if payment.status is not payments.Status.PROCESSING:
        return payment, (), False
    match outcome:
        case Succeeded():
            settled = replace(payment, settled_at=now, next_action=None)
            settled, paid = payments.advance(settled, payments.Action.SUCCEED)
            if payment.amount.amount > due.amount:
                return payments.owe(settled, settled.amount, TOO_LATE, now), paid, False
            return settled, paid, True
        case Declined(code):
            settled = replace(payment, settled_at=now, next_action=None, failure_code=code)
            settled, failed = payments.advance(settled, payments.Action.FAIL)
            return settled, failed, False
        case ActionRequired(action):
            return replace(payment, next_action=action), (), False
        case Underway():
            return replace(payment, next_action=None), (), False
