"""What a service costs: labour, parts, sublet and fees, less a discount, with tax on top."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property

from services.quote.domain.tax import Tax
from services.quote.domain.vehicle import VehicleClass
from shared.money import Money, Rounding, total


@dataclass(frozen=True, slots=True)
class Rate:
    """The rate for one unit of a service on one class of vehicle.

    `tax_rate` is a fraction (0.10 for 10%); what is `levied` by the workshop's region or country
    goes before it, unless it is the rate's `own_tax`. A rate `by_person` has no price.
    """

    service: str
    title: str
    vehicle_class: VehicleClass
    labour_hours: Decimal
    hourly_rate: Money
    parts: Money
    fees: Money
    tax_rate: Decimal
    sublet: Money
    discount: Money
    rounding: Rounding = Rounding.HALF_UP
    own_tax: bool = False
    by_person: bool = False
    workshop_id: str | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    levied: tuple[Tax, ...] = ()
    card_id: str | None = None
    card_version: int | None = None

    @property
    def taxes(self) -> tuple[Tax, ...]:
        """What a line is taxed by, each tax by itself."""
        if self.levied and not self.own_tax:
            return self.levied
        return (Tax("Tax", self.tax_rate, self.rounding),)


@dataclass(frozen=True)  # no slots: its sums are kept
class Price:
    """A line's price, for its whole quantity; `total` is exactly the sum, less the discount."""

    labour: Money
    parts: Money
    sublet: Money
    fees: Money
    discount: Money
    tax: Money

    @cached_property
    def net(self) -> Money:
        """The price before tax."""
        return self.labour + self.parts + self.sublet + self.fees - self.discount

    @cached_property
    def total(self) -> Money:
        """The price with its tax."""
        return self.net + self.tax


def price(rate: Rate, quantity: int) -> Price:
    """Price a quantity: labour is rounded for one unit, each tax once for the line.

    So a line is a whole multiple of the unit price, wherever it is reckoned.
    """

    def times(unit: Money) -> Money:
        return Money(unit.amount * quantity, unit.currency)

    untaxed = Price(
        labour=times(rate.hourly_rate.times(rate.labour_hours, rate.rounding)),
        parts=times(rate.parts),
        sublet=times(rate.sublet),
        fees=times(rate.fees),
        discount=times(rate.discount),
        tax=Money(0, rate.parts.currency),
    )
    net = untaxed.net
    return replace(untaxed, tax=total((tax.on(net) for tax in rate.taxes), net.currency))


def unit_price(rate: Rate) -> Money:
    """Price one unit before tax; a line before tax is its multiple."""
    return price(rate, 1).net


def duration(rate: Rate, quantity: int) -> timedelta:
    """How long the work takes: whole minutes a unit."""
    return timedelta(minutes=int(rate.labour_hours * 60)) * quantity
