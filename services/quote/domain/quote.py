"""A quote: prices that hold until it expires, and what may become of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from services.quote.domain import rate_card
from services.quote.domain.rate_card import Price, Rate
from services.quote.domain.vehicle import Vehicle
from shared.money import Money, Rounding, total

WORKING_DAY = timedelta(hours=8)
HANDOVER = timedelta(days=1)
"""From payment to the vehicle being in the workshop."""


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
    DECLINE = "decline"
    EXPIRE = "expire"
    ORDER = "order"


class QuoteEvent(StrEnum):
    """What is said of it."""

    CREATED = "quote.created"
    PRICED = "quote.priced"
    DECLINED = "quote.declined"
    EXPIRED = "quote.expired"
    ORDERED = "quote.ordered"


TRANSITIONS: Mapping[tuple[Status, Action], tuple[Status, QuoteEvent]] = {
    (Status.PENDING, Action.PRICE): (Status.AWAITING_PAYMENT, QuoteEvent.PRICED),
    (Status.PENDING, Action.DECLINE): (Status.DECLINED, QuoteEvent.DECLINED),
    (Status.PENDING, Action.EXPIRE): (Status.EXPIRED, QuoteEvent.EXPIRED),
    (Status.AWAITING_PAYMENT, Action.DECLINE): (Status.DECLINED, QuoteEvent.DECLINED),
    (Status.AWAITING_PAYMENT, Action.EXPIRE): (Status.EXPIRED, QuoteEvent.EXPIRED),
    (Status.AWAITING_PAYMENT, Action.ORDER): (Status.ORDERED, QuoteEvent.ORDERED),
    # The order service alone decides: a payment begun in time is honoured, whatever came between.
    (Status.EXPIRED, Action.ORDER): (Status.ORDERED, QuoteEvent.ORDERED),
    (Status.DECLINED, Action.ORDER): (Status.ORDERED, QuoteEvent.ORDERED),
}


class NotAllowed(Exception):
    """The action isn't in the table for this status; `allowed` lists those that are."""

    def __init__(self, status: Status, action: Action) -> None:
        super().__init__(f"A quote that is {status} can't {action}.")
        self.allowed = [asked for (at, asked) in TRANSITIONS if at is status]


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that is asked for."""

    service: str
    quantity: int = 1
    notes: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the quote: what was asked for, and its price."""

    id: str
    asked: Asked
    description: str
    price: Price
    duration: timedelta
    authorization: str = "open"


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to tell about it."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What the house promises: how long a quote holds, how it rounds, where it is paid."""

    valid_for: timedelta
    public_url: str
    rounding: Rounding = Rounding.HALF_UP


@dataclass(frozen=True, slots=True)
class Request:
    """What a partner asks for."""

    vehicle: Vehicle
    items: Sequence[Asked]
    workshop_id: str | None = None
    deal_id: str | None = None
    needed_by: datetime | None = None
    external_reference: str | None = None
    contact: Contact | None = None
    pre_authorized: Money | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """A quote as it stands; `sequence` counts its events."""

    id: str
    partner_id: str
    status: Status
    request: Request
    items: tuple[Item, ...]
    currency: str
    rounding: Rounding
    checkout_url: str
    created_at: datetime
    expires_at: datetime
    estimated_completion_at: datetime
    version: int = 1
    sequence: int = 1
    order_id: str | None = None
    reason: str | None = None

    @property
    def subtotal(self) -> Money:
        """The lines before tax."""
        return total((item.price.net for item in self.items), self.currency)

    @property
    def tax(self) -> Money:
        """The lines' tax."""
        return total((item.price.tax for item in self.items), self.currency)

    @property
    def total(self) -> Money:
        """The sum of the lines, tax included."""
        return total((item.price.total for item in self.items), self.currency)

    @property
    def duration(self) -> timedelta:
        """How long the work takes."""
        return sum((item.duration for item in self.items), timedelta())


def create(
    quote_id: str,
    item_ids: Sequence[str],
    partner_id: str,
    request: Request,
    rates: Sequence[Rate],
    terms: Terms,
    now: datetime,
) -> tuple[Quote, QuoteEvent]:
    """Price a request by the rates of its items, in their order.

    Raises ValueError when the rates are of several currencies.
    """
    items = tuple(
        Item(
            id=item_id,
            asked=asked,
            description=rate.title,
            price=rate_card.price(rate, asked.quantity),
            duration=rate_card.duration(rate, asked.quantity),
        )
        for item_id, asked, rate in zip(item_ids, request.items, rates, strict=True)
    )
    quote = Quote(
        id=quote_id,
        partner_id=partner_id,
        status=Status.AWAITING_PAYMENT,
        request=request,
        items=items,
        currency=rates[0].hourly_rate.currency,
        rounding=terms.rounding,
        checkout_url=f"{terms.public_url}/checkout/{quote_id}",
        created_at=now,
        expires_at=now + terms.valid_for,
        estimated_completion_at=now,
    )
    days = -(-quote.duration // WORKING_DAY)
    done_by = now + HANDOVER + timedelta(days=days)
    return replace(quote, estimated_completion_at=done_by), QuoteEvent.CREATED


def act(
    quote: Quote, action: Action, *, reason: str | None = None, order_id: str | None = None
) -> tuple[Quote, QuoteEvent]:
    """Take an action; raises NotAllowed when the table doesn't have it."""
    try:
        status, event = TRANSITIONS[quote.status, action]
    except KeyError:
        raise NotAllowed(quote.status, action) from None
    changed = replace(
        quote,
        status=status,
        sequence=quote.sequence + 1,
        reason=reason,
        order_id=order_id or quote.order_id,
    )
    return changed, event
