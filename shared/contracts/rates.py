"""What the quote service publishes on `quote.events` of its rate cards."""

from __future__ import annotations

from decimal import Decimal

from shared.contracts.common import Amount, Contract, Moment


class UnitRate(Contract):
    """What one unit costs on a class of vehicle (`any`: those without a rate of their own).

    A line is `unit_price` x quantity, and its tax that times the tax rate, rounded once by the
    card's `rounding`. `unit_price` is net of discount, before tax; null where a person prices it.
    `duration` is ISO 8601. `valid_until` is no longer in it; null is without end.
    """

    vehicle_class: str
    workshop_id: str | None = None
    unit_price: Amount | None = None
    tax_rate: Decimal
    own_tax: bool = False
    duration: str
    by_person: bool = False
    valid_from: Moment | None = None
    valid_until: Moment | None = None


class CountryTax(Contract):
    """A country's tax (ISO 3166-1), for work in its workshops.

    In its time it goes before the rate's `tax_rate` and the card's `rounding`, unless the rate has
    its `own_tax`. Where several are in force, each is drawn from the line and rounded by itself.
    """

    country: str
    name: str = "Tax"
    tax_rate: Decimal
    rounding: str
    valid_from: Moment | None = None
    valid_until: Moment | None = None


class RegionTax(CountryTax):
    """A region's tax (ISO 3166-2): while a region has any, it has none of its country's."""

    region: str


class RateCardV1(Contract):
    """All rates of a service: the general ones, or those that a workshop has of its own.

    It replaces what was said before of the service and workshop. Of the rates in force for a line,
    the workshop's goes before the general one, then the vehicle's class before `any`. `rounding` is
    `half-up`, `half-even`, `up` or `down`.
    """

    id: str
    service: str
    workshop_id: str | None = None
    title: str
    currency: str
    rounding: str
    version: int
    rates: tuple[UnitRate, ...]
    taxes: tuple[CountryTax, ...] = ()
    region_taxes: tuple[RegionTax, ...] = ()
    updated_at: Moment
