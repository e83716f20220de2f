"""What a service costs: labour, parts and fees, with tax on top."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from services.quote.domain.vehicle import VehicleClass
from shared.money import Money, Rounding


@dataclass(frozen=True, slots=True)
class Rate:
    """The rate for one service on one class of vehicle; `tax_rate` is a fraction (0.10 for 10%)."""

    service: str
    title: str
    vehicle_class: VehicleClass
    labour_hours: Decimal
    hourly_rate: Money
    parts: Money
    fees: Money
    tax_rate: Decimal


@dataclass(frozen=True, slots=True)
class Price:
    """A line's price, for its whole quantity; `total` is exactly the sum of the others."""

    labour: Money
    parts: Money
    fees: Money
    tax: Money

    @property
    def net(self) -> Money:
        """The price before tax."""
        return self.labour + self.parts + self.fees

    @property
    def total(self) -> Money:
        """The price with its tax."""
        return self.net + self.tax


def price(rate: Rate, quantity: int, rounding: Rounding) -> Price:
    """Price a quantity of a service; labour and tax are each rounded once, for the whole line."""
    labour = rate.hourly_rate.times(rate.labour_hours * quantity, rounding)
    parts = Money(rate.parts.amount * quantity, rate.parts.currency)
    fees = Money(rate.fees.amount * quantity, rate.fees.currency)
    tax = (labour + parts + fees).times(rate.tax_rate, rounding)
    return Price(labour, parts, fees, tax)


def duration(rate: Rate, quantity: int) -> timedelta:
    """How long the work takes, to the minute."""
    return timedelta(minutes=int(rate.labour_hours * quantity * 60))
