"""Tax by rate, as an invoice has to show it, told from each line's price and tax."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from services.order.domain.terms import TaxShare
from shared.money import Money, total

HALF = Decimal("0.5")
UNNAMED = "Tax"


@dataclass(frozen=True, slots=True)
class TaxGroup:
    """What is taxed at one rate, in percent."""

    rate: Decimal
    taxable: Money
    tax: Money


class Taxed(Protocol):
    """A line with its tax, and what each tax came to where that is known."""

    @property
    def tax(self) -> Money: ...  # noqa: D102 - what the class says
    @property
    def taxes(self) -> tuple[TaxShare, ...]: ...  # noqa: D102 - the same


def rates(lines: Sequence[tuple[Money, Money]]) -> tuple[Decimal, ...]:
    """Tell each line's rate, in percent: lines keep what tax came to, not what it came from.

    It is the plainest one that gives this tax to the unit; a dear line tells it exactly, and a
    cheap one, which many rates would fit, has the same wherever that fits.
    """
    known: list[Decimal] = []
    found: dict[int, Decimal] = {}
    by_price = sorted(range(len(lines)), key=lambda place: -lines[place][0].amount)
    for place in by_price:
        price, tax = lines[place]
        rate = next((each for each in known if _gives(each, price, tax)), None)
        if rate is None:
            rate = _plainest(price, tax)
            known.append(rate)
        found[place] = rate
    return tuple(found[place] for place in range(len(lines)))


def groups(lines: Sequence[tuple[Money, Money]], currency: str) -> tuple[TaxGroup, ...]:
    """Sum what is taxed by rate, the highest first."""
    each = rates(lines)
    return tuple(
        TaxGroup(
            rate,
            total(
                (price for (price, _), at in zip(lines, each, strict=True) if at == rate), currency
            ),
            total((tax for (_, tax), at in zip(lines, each, strict=True) if at == rate), currency),
        )
        for rate in sorted(set(each), reverse=True)
    )


def by_name(lines: Iterable[Taxed], currency: str) -> tuple[TaxShare, ...]:
    """Sum each tax apart, in the order in which they come; what no name is known of is `Tax`."""
    summed: dict[tuple[str, Decimal | None, str | None], Money] = {}
    for line in lines:
        unnamed = line.tax - total((share.amount for share in line.taxes), currency)
        rest = (TaxShare(UNNAMED, unnamed),) if unnamed.amount else ()
        for share in (*line.taxes, *rest):
            which = (share.name, share.tax_rate, share.jurisdiction)
            summed[which] = summed.get(which, Money(0, currency)) + share.amount
    return tuple(
        TaxShare(name, amount, rate, place) for (name, rate, place), amount in summed.items()
    )


def _gives(rate: Decimal, price: Money, tax: Money) -> bool:
    return abs(price.amount * rate / 100 - tax.amount) <= HALF


def _plainest(price: Money, tax: Money) -> Decimal:
    if not price.amount:
        return Decimal(0)
    exact = Decimal(100) * tax.amount / price.amount
    rounded = (exact.quantize(Decimal(1).scaleb(-places)) for places in range(3))
    rate = next((each for each in rounded if _gives(each, price, tax)), round(exact, 2))
    return rate.normalize() + 0 if rate else Decimal(0)
