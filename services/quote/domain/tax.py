"""Taxes, each by its name: for work in the workshops of a country, or of one of its regions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from services.quote.domain.period import first_overlap
from shared.money import Money, Rounding


@dataclass(frozen=True, slots=True)
class Tax:
    """A tax as a fraction of a line's price before tax (0.15 for 15%), and how it is rounded.

    `jurisdiction` is a country (ISO 3166-1, `NZ`) or a region (ISO 3166-2, `CA-QC`); none is for
    what somebody has set on a rate.
    """

    name: str
    rate: Decimal
    rounding: Rounding
    jurisdiction: str | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None

    @property
    def country(self) -> str | None:
        """The country that it is levied in."""
        return self.jurisdiction and self.jurisdiction[:2]

    @property
    def region(self) -> str | None:
        """The region whose tax it is, where it isn't the whole country's."""
        return self.jurisdiction if self.jurisdiction and "-" in self.jurisdiction else None

    def on(self, net: Money) -> Money:
        """Draw the tax from a line, and round it once."""
        return net.times(self.rate, self.rounding)


@dataclass(frozen=True, slots=True)
class Share:
    """What one tax comes to; none that can be named, where that was never kept."""

    tax: Tax | None
    amount: Money


def levied(in_force: Iterable[Tax]) -> tuple[Tax, ...]:
    """Choose the taxes of a workshop's region, or its country's where the region has none."""
    all_there = tuple(in_force)
    return tuple(tax for tax in all_there if tax.region) or all_there


def summed(shares: Iterable[Share], currency: str) -> tuple[Share, ...]:
    """Sum what each tax comes to, in the order in which they come up."""
    sums: dict[Tax | None, Money] = {}
    for share in shares:
        sums[share.tax] = sums.get(share.tax, Money(0, currency)) + share.amount
    return tuple(Share(tax, amount) for tax, amount in sums.items())


def overlapping(taxes: Sequence[Tax]) -> tuple[int, int] | None:
    """Find two taxes of one jurisdiction, name and moment, by their places."""
    return first_overlap(
        [(f"{tax.jurisdiction} {tax.name}", tax.valid_from, tax.valid_until) for tax in taxes]
    )
