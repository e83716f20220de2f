"""The HTTP face of rate cards: what is shown."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel

from services.quote.domain import rate_card
from services.quote.domain.card import RateCard
from services.quote.domain.rate_card import Rate
from services.quote.domain.tax import Tax
from services.quote.domain.vehicle import VehicleClass
from shared.inputs import MoneyOut
from shared.money import Rounding


class TaxOnRate(BaseModel):
    """A tax as a fraction; `jurisdiction` is the country or region whose it is."""

    name: str
    tax_rate: Decimal
    jurisdiction: str | None

    @classmethod
    def of(cls, tax: Tax) -> TaxOnRate:
        """Show a tax."""
        return cls(name=tax.name, tax_rate=tax.rate, jurisdiction=tax.jurisdiction)


class RateOut(BaseModel):
    """What one unit of a service costs; `unit_price` is before tax, null where a person prices.

    At a workshop, `taxes` are those of its region or country instead of the rate's own. `tax_rate`
    is their sum, `tax_country` the one that levies them, if any does.
    """

    service: str
    title: str
    workshop_id: str | None
    vehicle_class: VehicleClass
    labour_hours: Decimal
    hourly_rate: MoneyOut
    parts: MoneyOut
    sublet: MoneyOut
    fees: MoneyOut
    discount: MoneyOut
    unit_price: MoneyOut | None
    tax_rate: Decimal
    tax_country: str | None
    taxes: list[TaxOnRate]
    own_tax: bool
    by_person: bool
    rounding: Rounding
    valid_from: datetime | None
    valid_until: datetime | None

    @classmethod
    def of(cls, rate: Rate) -> RateOut:
        """Show a rate."""
        return cls(
            service=rate.service,
            title=rate.title,
            workshop_id=rate.workshop_id,
            vehicle_class=rate.vehicle_class,
            labour_hours=rate.labour_hours,
            hourly_rate=MoneyOut.of(rate.hourly_rate),
            parts=MoneyOut.of(rate.parts),
            sublet=MoneyOut.of(rate.sublet),
            fees=MoneyOut.of(rate.fees),
            discount=MoneyOut.of(rate.discount),
            unit_price=None if rate.by_person else MoneyOut.of(rate_card.unit_price(rate)),
            tax_rate=sum((tax.rate for tax in rate.taxes), Decimal(0)),
            tax_country=rate.taxes[0].country,
            taxes=[TaxOnRate.of(tax) for tax in rate.taxes],
            own_tax=rate.own_tax,
            by_person=rate.by_person,
            rounding=rate.rounding,
            valid_from=rate.valid_from,
            valid_until=rate.valid_until,
        )


class RatesOut(BaseModel):
    """Rates, in the order of service and class."""

    data: list[RateOut]


class RateCardOut(BaseModel):
    """A service's card as it was recorded; `recorded_by` is a client, null for what was shipped."""

    id: str
    service: str
    workshop_id: str | None
    title: str
    rounding: Rounding
    version: int
    recorded_at: datetime
    recorded_by: str | None
    data: list[RateOut]

    @classmethod
    def of(cls, card: RateCard) -> RateCardOut:
        """Show a card."""
        return cls(
            id=card.id,
            service=card.service,
            workshop_id=card.workshop_id,
            title=card.title,
            rounding=card.rounding,
            version=card.version,
            recorded_at=card.recorded_at,
            recorded_by=card.recorded_by,
            data=[RateOut.of(rate) for rate in card.rates],
        )
