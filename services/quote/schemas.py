"""The HTTP face of quotes: a body to a request, a quote to a body."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints, field_validator

from services.quote.domain.quote import Asked, Contact, Request, Status
from services.quote.domain.rate_card import Rate
from services.quote.domain.vehicle import Registration, Vehicle, VehicleClass
from shared.ids import Id
from shared.inputs import (
    Body,
    CountryCode,
    Email,
    Line,
    MoneyInput,
    MoneyOut,
    Paragraph,
    Phone,
    UtcMoment,
)

MAX_ITEMS = 50

Vin = Annotated[
    str, StringConstraints(strip_whitespace=True, to_upper=True, min_length=1, max_length=32)
]
ServiceCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]


class RegistrationInput(Body):
    """A number plate and the country that issued it."""

    plate: Annotated[Line, Field(max_length=16, examples=["ABC123"])]
    country: Annotated[CountryCode, Field(examples=["AU"])]


class VehicleInput(Body):
    """The vehicle to be quoted for; mileage in kilometres."""

    vin: Annotated[Vin, Field(examples=["1HGCM82633A004352"])]
    registration: RegistrationInput | None = None
    make: Line | None = None
    model: Line | None = None
    year: Annotated[int, Field(ge=1900, le=2100)] | None = None
    mileage: Annotated[int, Field(ge=0, le=5_000_000)] | None = None
    vehicle_class: VehicleClass = VehicleClass.ANY

    def vehicle(self) -> Vehicle:
        """Read it as the domain knows it."""
        plate = self.registration
        return Vehicle(
            vin=self.vin,
            registration=Registration(plate.plate, plate.country) if plate else None,
            make=self.make,
            model=self.model,
            year=self.year,
            mileage=self.mileage,
            vehicle_class=self.vehicle_class,
        )


class ItemInput(Body):
    """A service from the rate card."""

    service: Annotated[ServiceCode, Field(examples=["detailing"])]
    quantity: Annotated[int, Field(ge=1, le=100)] = 1
    notes: Paragraph | None = None


class ContactInput(Body):
    """Whom to tell about it."""

    name: Line | None = None
    email: Email | None = None
    phone: Phone | None = None


class NewQuote(Body):
    """What a quote is asked for."""

    type: Literal["reconditioning"] = "reconditioning"
    vehicle: VehicleInput
    items: Annotated[list[ItemInput], Field(min_length=1, max_length=MAX_ITEMS)]
    workshop_id: Id | None = None
    deal_id: Id | None = None
    needed_by: UtcMoment | None = None
    external_reference: Line | None = None
    contact: ContactInput | None = None
    pre_authorized: MoneyInput | None = None

    def request(self) -> Request:
        """Read it as the domain knows it."""
        contact = self.contact
        return Request(
            vehicle=self.vehicle.vehicle(),
            items=[Asked(item.service, item.quantity, item.notes) for item in self.items],
            workshop_id=self.workshop_id,
            deal_id=self.deal_id,
            needed_by=self.needed_by,
            external_reference=self.external_reference,
            contact=Contact(contact.name, contact.email, contact.phone) if contact else None,
            pre_authorized=self.pre_authorized.money() if self.pre_authorized else None,
        )


class Decline(Body):
    """Why a quote is declined."""

    reason: Paragraph | None = None


class QuoteQuery(BaseModel):
    """Which quotes are asked for."""

    status: Status | None = None
    external_reference: Annotated[str | None, Field(max_length=200)] = None


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
