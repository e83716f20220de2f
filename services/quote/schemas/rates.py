"""The HTTP face of rate cards: what is set."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from services.quote.domain.rate_card import Rate
from services.quote.domain.vehicle import VehicleClass
from services.quote.schemas.values import EndOfPeriod, Hours, TaxRate
from shared.inputs import Body, Line, MoneyInput, UtcMoment
from shared.money import Rounding

MAX_RATES = 200


class UnitPrice(Body):
    """What one unit of work costs, before tax."""

    labour_hours: Hours
    hourly_rate: MoneyInput
    parts: MoneyInput | None = None
    sublet: MoneyInput | None = None
    fees: MoneyInput | None = None
    discount: MoneyInput | None = None

    @field_validator("parts", "sublet", "fees", "discount")
    @classmethod
    def _one_currency(cls, given: MoneyInput | None, info: ValidationInfo) -> MoneyInput | None:
        hourly: MoneyInput | None = info.data.get("hourly_rate")
        if given and hourly and given.currency != hourly.currency:
            message = "All amounts of a rate are in the currency of its hourly_rate."
            raise PydanticCustomError("mixed-currencies", message)
        return given

    @field_validator("discount")
    @classmethod
    def _below_the_price(cls, given: MoneyInput | None, info: ValidationInfo) -> MoneyInput | None:
        if given is None or "labour_hours" not in info.data or "hourly_rate" not in info.data:
            return given
        hourly: MoneyInput = info.data["hourly_rate"]
        price = hourly.money().times(info.data["labour_hours"], Rounding.DOWN).amount
        others = (info.data.get(name) for name in ("parts", "sublet", "fees"))
        if given.amount > price + sum(other.amount for other in others if other):
            message = "The discount is more than what it is taken from."
            raise PydanticCustomError("discount-too-large", message)
        return given

    def unit(self, service: str, title: str, rounding: Rounding, tax_rate: Decimal) -> Rate:
        """Read it as the domain knows it: a rate for any class of vehicle."""
        nothing = MoneyInput(amount=0, currency=self.hourly_rate.currency)
        return Rate(
            service=service,
            title=title,
            vehicle_class=VehicleClass.ANY,
            labour_hours=self.labour_hours,
            hourly_rate=self.hourly_rate.money(),
            parts=(self.parts or nothing).money(),
            sublet=(self.sublet or nothing).money(),
            fees=(self.fees or nothing).money(),
            discount=(self.discount or nothing).money(),
            tax_rate=tax_rate,
            rounding=rounding,
        )


class RateInput(UnitPrice):
    """What one unit of a service costs on one class of vehicle.

    `tax_rate` is a fraction (0.10 for 10%). The tax of the workshop's country goes before it,
    unless it is the rate's `own_tax`. A
    rate `by_person` says only what the work may take: each line is priced by hand. `valid_until`
    is the first moment that is no longer in it.
    """

    tax_rate: TaxRate
    vehicle_class: VehicleClass = VehicleClass.ANY
    own_tax: bool = False
    by_person: bool = False
    valid_from: UtcMoment | None = None
    valid_until: EndOfPeriod | None = None

    def rate(self, service: str, workshop_id: str | None, title: str, rounding: Rounding) -> Rate:
        """Read it as the domain knows it."""
        return replace(
            self.unit(service, title, rounding, self.tax_rate),
            vehicle_class=self.vehicle_class,
            own_tax=self.own_tax,
            by_person=self.by_person,
            workshop_id=workshop_id,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
        )


class RateCardInput(Body):
    """A service's rates, one for each class of vehicle at a time.

    `any` is for classes without a rate of their own.
    """

    title: Annotated[Line, Field(examples=["Full detail"])]
    rounding: Rounding = Rounding.HALF_UP
    rates: Annotated[list[RateInput], Field(min_length=1, max_length=MAX_RATES)]

    @field_validator("rates")
    @classmethod
    def _one_currency(cls, rates: list[RateInput]) -> list[RateInput]:
        if len({rate.hourly_rate.currency for rate in rates}) > 1:
            message = "All rates of a service have one currency."
            raise PydanticCustomError("mixed-currencies", message)
        return rates

    def card(self, service: str, workshop_id: str | None) -> list[Rate]:
        """Read it as the domain knows it."""
        return [rate.rate(service, workshop_id, self.title, self.rounding) for rate in self.rates]
