"""The HTTP face of quotes: a body to a request, a quote to a body."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from services.quote.domain.lifecycle import Status
from services.quote.domain.request import Contact, Request
from services.quote.domain.vehicle import Registration, Vehicle, VehicleClass
from services.quote.schemas.items import ItemInput
from shared.ids import Id
from shared.inputs import (
    Body,
    CountryCode,
    Email,
    Line,
    MoneyInput,
    Paragraph,
    Phone,
    UtcMoment,
)

MAX_ITEMS = 50

Vin = Annotated[
    str, StringConstraints(strip_whitespace=True, to_upper=True, min_length=1, max_length=32)
]


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
            items=[item.asked() for item in self.items],
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
