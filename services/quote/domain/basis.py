"""What a line was priced by, kept with it: true still when the card has changed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from services.quote.domain.rate_card import Rate
from shared.money import Money, Rounding


@dataclass(frozen=True, slots=True)
class Basis:
    """The labour of one unit and the tax of the line, with how each was rounded.

    `country` is the one whose tax it is, null for the rate's own; the card and its version are
    null for a person's price.
    """

    labour_hours: Decimal
    hourly_rate: Money
    rounding: Rounding
    tax_rate: Decimal
    tax_rounding: Rounding
    country: str | None
    card_id: str | None
    card_version: int | None


def of(rate: Rate) -> Basis:
    """Say what a rate prices a line by."""
    tax_rate, tax_rounding = rate.tax
    return Basis(
        labour_hours=rate.labour_hours,
        hourly_rate=rate.hourly_rate,
        rounding=rate.rounding,
        tax_rate=tax_rate,
        tax_rounding=tax_rounding,
        country=rate.taxed_by,
        card_id=rate.card_id,
        card_version=rate.card_version,
    )
