"""An order without a quote: priced by the rate cards, and scheduled by who orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.order.domain.order import Order, Status
from services.order.domain.rate_card import Asked, Priced
from services.order.domain.schedule import done_by, written
from services.order.domain.terms import Contact, Terms, Vehicle
from shared.money import Money


@dataclass(frozen=True, slots=True)
class Request:
    """What a partner orders directly."""

    type: str
    vehicle: Vehicle
    items: Sequence[Asked]
    start_at: datetime
    workshop_id: str | None = None
    deal_id: str | None = None
    external_reference: str | None = None
    contact: Contact | None = None
    needed_by: datetime | None = None
    pre_authorized: Money | None = None


class StartPassed(Exception):
    """The time for which it was ordered has gone by, and its price with it."""


class MixedCurrencies(ValueError):
    """One order has one currency."""


def order_of(
    order_id: str, partner_id: str, request: Request, priced: Sequence[Priced], now: datetime
) -> Order:
    """Make the unpaid order of a request; raises MixedCurrencies."""
    lines = tuple(each.line for each in priced)
    currencies = {line.price.currency for line in lines}
    if len(currencies) != 1:
        raise MixedCurrencies(", ".join(sorted(currencies)))
    duration = sum((each.duration for each in priced), timedelta())
    return Order(
        id=order_id,
        partner_id=partner_id,
        status=Status.AWAITING_PAYMENT,
        terms=Terms(
            type=request.type,
            currency=currencies.pop(),
            vehicle=request.vehicle,
            lines=lines,
            contact=request.contact,
            scheduled_at=request.start_at,
            estimated_duration=written(duration),
            pre_authorized=request.pre_authorized,
            needed_by=request.needed_by,
        ),
        created_at=now,
        workshop_id=request.workshop_id,
        deal_id=request.deal_id,
        external_reference=request.external_reference,
        estimated_completion_at=done_by(request.start_at, duration),
    )


def check_start(order: Order, now: datetime) -> None:
    """Raise StartPassed for a direct order that nobody paid for in time."""
    if order.quote_id is None and (order.terms.scheduled_at or now) < now:
        raise StartPassed(order.id)
