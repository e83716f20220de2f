"""The tax of a country, for a time: for work in its workshops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from services.quote.domain.period import first_overlap
from shared.money import Rounding


@dataclass(frozen=True, slots=True)
class Tax:
    """A country's tax as a fraction (0.15 for 15%), and how the country rounds it."""

    country: str
    rate: Decimal
    rounding: Rounding
    valid_from: datetime | None = None
    valid_until: datetime | None = None


def overlapping(taxes: Sequence[Tax]) -> tuple[int, int] | None:
    """Find two taxes of one country and moment, by their places."""
    periods = [(tax.country, tax.valid_from, tax.valid_until) for tax in taxes]
    return first_overlap(periods)
