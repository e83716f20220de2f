"""Where a quote stands, and what may be done to it there."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Status(StrEnum):
    """Where a quote stands."""

    PENDING = "pending"
    AWAITING_PAYMENT = "awaiting-payment"
    ORDERED = "ordered"
    DECLINED = "declined"
    EXPIRED = "expired"


class Action(StrEnum):
    """What can be done to a quote."""

    PRICE = "price"
    REVISE = "revise"
    AUTHORIZE = "authorize"
    DECLINE = "decline"
    EXPIRE = "expire"
    ORDER = "order"


class QuoteEvent(StrEnum):
    """What is said of it."""

    CREATED = "quote.created"
    PRICED = "quote.priced"
    REVISED = "quote.revised"
    UPDATED = "quote.updated"
    DECLINED = "quote.declined"
    EXPIRED = "quote.expired"
    ORDERED = "quote.ordered"


BY_ITS_LINES = None
"""A revised quote is pending while one of its lines has no price, and else awaits payment."""

TRANSITIONS: Mapping[tuple[Status, Action], tuple[Status | None, QuoteEvent]] = {
    (Status.PENDING, Action.PRICE): (Status.AWAITING_PAYMENT, QuoteEvent.PRICED),
    (Status.PENDING, Action.REVISE): (BY_ITS_LINES, QuoteEvent.REVISED),
    (Status.PENDING, Action.DECLINE): (Status.DECLINED, QuoteEvent.DECLINED),
    (Status.PENDING, Action.EXPIRE): (Status.EXPIRED, QuoteEvent.EXPIRED),
    (Status.AWAITING_PAYMENT, Action.REVISE): (BY_ITS_LINES, QuoteEvent.REVISED),
    (Status.AWAITING_PAYMENT, Action.AUTHORIZE): (Status.AWAITING_PAYMENT, QuoteEvent.UPDATED),
    (Status.AWAITING_PAYMENT, Action.DECLINE): (Status.DECLINED, QuoteEvent.DECLINED),
    (Status.AWAITING_PAYMENT, Action.EXPIRE): (Status.EXPIRED, QuoteEvent.EXPIRED),
    (Status.AWAITING_PAYMENT, Action.ORDER): (Status.ORDERED, QuoteEvent.ORDERED),
    # The order service alone decides: a payment begun in time is honoured, whatever came between.
    (Status.PENDING, Action.ORDER): (Status.ORDERED, QuoteEvent.ORDERED),
    (Status.EXPIRED, Action.ORDER): (Status.ORDERED, QuoteEvent.ORDERED),
    (Status.DECLINED, Action.ORDER): (Status.ORDERED, QuoteEvent.ORDERED),
}


class NotAllowed(Exception):
    """The action isn't in the table for this status; `allowed` lists those that are."""

    def __init__(self, status: Status, action: Action) -> None:
        super().__init__(f"A quote that is {status} can't {action}.")
        self.allowed = [asked for (at, asked) in TRANSITIONS if at is status]


def step(status: Status, action: Action) -> tuple[Status | None, QuoteEvent]:
    """Tell where an action leads, and what is said of it; raises NotAllowed."""
    try:
        return TRANSITIONS[status, action]
    except KeyError:
        raise NotAllowed(status, action) from None
