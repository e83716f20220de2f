"""The HTTP face of rate cards."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints, field_validator

from services.quote.domain.rate_card import Rate
from services.quote.domain.vehicle import VehicleClass
from shared.inputs import Body, Line, MoneyInput, MoneyOut

ServiceCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]


class RateInput(Body):
    """What a service costs on one class of vehicle; `tax_rate` is a fraction (0.10 for 10%)."""

    vehicle_class: VehicleClass = VehicleClass.ANY
    labour_hours: Annotated[Decimal, Field(ge=0, le=1000, decimal_places=2, examples=["1.5"])]
    hourly_rate: MoneyInput
    parts: MoneyInput
    fees: MoneyInput
    tax_rate: Annotated[Decimal, Field(ge=0, le=1, decimal_places=5, examples=["0.10"])]


class RateCardInput(Body):
    """A service's rates, one for each class of vehicle; `any` is for those without their own."""

    title: Line
    rates: Annotated[list[RateInput], Field(min_length=1, max_length=len(VehicleClass))]

    @field_validator("rates")
    @classmethod
    def _one_currency_and_one_rate_a_class(cls, rates: list[RateInput]) -> list[RateInput]:
        amounts = [amount for rate in rates for amount in (rate.hourly_rate, rate.parts, rate.fees)]
        if len({amount.currency for amount in amounts}) > 1:
            raise ValueError("all rates of a service have one currency")
        if len({rate.vehicle_class for rate in rates}) < len(rates):
            raise ValueError("there is a class of vehicle with two rates")
        return rates

    def card(self, service: str) -> list[Rate]:
        """Read it as the domain knows it."""
        return [
            Rate(
                service=service,
                title=self.title,
                vehicle_class=rate.vehicle_class,
                labour_hours=rate.labour_hours,
                hourly_rate=rate.hourly_rate.money(),
                parts=rate.parts.money(),
                fees=rate.fees.money(),
                tax_rate=rate.tax_rate,
            )
            for rate in self.rates
        ]


class RateOut(BaseModel):
    """What a service costs on one class of vehicle."""

    service: str
    title: str
    vehicle_class: VehicleClass
    labour_hours: Decimal
    hourly_rate: MoneyOut
    parts: MoneyOut
    fees: MoneyOut
    tax_rate: Decimal

    @classmethod
    def of(cls, rate: Rate) -> RateOut:
        """Show a rate."""
        return cls(
            service=rate.service,
            title=rate.title,
            vehicle_class=rate.vehicle_class,
            labour_hours=rate.labour_hours,
            hourly_rate=MoneyOut.of(rate.hourly_rate),
            parts=MoneyOut.of(rate.parts),
            fees=MoneyOut.of(rate.fees),
            tax_rate=rate.tax_rate,
        )


class RateCardOut(BaseModel):
    """Rates, in the order of service and class."""

    data: list[RateOut]
