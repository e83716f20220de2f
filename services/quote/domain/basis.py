"""What a line was priced by, kept with it: true still when the card has changed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from services.quote.domain.rate_card import Rate
from services.quote.domain.tax import Tax
from shared.money import Money, Rounding


@dataclass(frozen=True, slots=True)
class Basis:
    """The labour of one unit and the taxes of the line, with how each was rounded.

    The card and its version are null for a person's price.
    """

    labour_hours: Decimal
    hourly_rate: Money
    rounding: Rounding
    taxes: tuple[Tax, ...]
    card_id: str | None
    card_version: int | None


def of(rate: Rate) -> Basis:
    """Say what a rate prices a line by."""
    return Basis(
        labour_hours=rate.labour_hours,
        hourly_rate=rate.hourly_rate,
        rounding=rate.rounding,
        taxes=rate.taxes,
        card_id=rate.card_id,
        card_version=rate.card_version,
    )
