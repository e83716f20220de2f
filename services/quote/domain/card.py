"""A service's rates as they are set, version by version; and which of them is for a line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.quote.domain.period import first_overlap
from services.quote.domain.rate_card import Rate
from services.quote.domain.vehicle import VehicleClass
from shared.money import Rounding


class CardEvent(StrEnum):
    """What is said of a card."""

    UPDATED = "rate-card.updated"


@dataclass(frozen=True, slots=True)
class RateCard:
    """All rates of a service, general ones or a workshop's; `sequence` counts its events.

    A version is never changed: what was in force at a moment can always be told.
    """

    id: str
    service: str
    workshop_id: str | None
    title: str
    rounding: Rounding
    rates: tuple[Rate, ...]
    version: int
    sequence: int
    recorded_at: datetime
    recorded_by: str | None = None


def begun(card_id: str, service: str, workshop_id: str | None, now: datetime) -> RateCard:
    """Begin a card; nothing is on it."""
    return RateCard(card_id, service, workshop_id, service, Rounding.HALF_UP, (), 0, 0, now)


def replaced(
    card: RateCard, rates: Sequence[Rate], now: datetime, by: str
) -> tuple[RateCard, CardEvent] | None:
    """Put other rates on a card, as its next version; None when they are the same."""
    if set(rates) == set(card.rates):
        return None
    changed = replace(
        card,
        title=rates[0].title,
        rounding=rates[0].rounding,
        rates=tuple(rates),
        version=card.version + 1,
        recorded_at=now,
        recorded_by=by,
    )
    return told(changed)


def told(card: RateCard) -> tuple[RateCard, CardEvent]:
    """Announce a card as it stands."""
    return replace(card, sequence=card.sequence + 1), CardEvent.UPDATED


def overlapping(rates: Sequence[Rate]) -> tuple[int, int] | None:
    """Find two rates of one card, class and moment, by their places."""
    periods = [(rate.vehicle_class, rate.valid_from, rate.valid_until) for rate in rates]
    return first_overlap(periods)


def fitting(rates: Iterable[Rate]) -> dict[str, Rate]:
    """Choose each service's rate: the workshop's before the general, the class before any."""
    ranked = sorted(
        rates,
        key=lambda rate: (
            rate.workshop_id is not None,
            rate.vehicle_class is not VehicleClass.ANY,
        ),
    )
    return {rate.service: rate for rate in ranked}


def shown(rates: Sequence[Rate]) -> list[Rate]:
    """Leave out general rates that a workshop's own ones stand before, for whatever vehicle."""
    own = {(rate.service, rate.vehicle_class) for rate in rates if rate.workshop_id}
    return [
        rate
        for rate in rates
        if rate.workshop_id
        or own.isdisjoint({(rate.service, rate.vehicle_class), (rate.service, VehicleClass.ANY)})
    ]
