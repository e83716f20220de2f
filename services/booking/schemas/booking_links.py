"""Links to the booking page, with what is filled in there."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from services.booking.domain.link import Link
from services.booking.schemas.parts import Mileage, RegistrationInput, Year
from services.booking.schemas.values import Vin
from shared.ids import Id
from shared.inputs import Body, Email, Line, Paragraph, Phone, UtcMoment

Notes = Annotated[Paragraph, Field(max_length=1000)]


class PrefilledCustomer(Body):
    """What is known of the customer, who may put it right."""

    name: Line | None = None
    email: Email | None = None
    phone: Phone | None = None


class PrefilledCar(Body):
    """What is known of the car; the page asks for the plate, if this doesn't say it."""

    registration: RegistrationInput | None = None
    vin: Vin | None = None
    make: Line | None = None
    model: Line | None = None
    year: Year | None = None
    mileage: Mileage | None = None


class BookingLinkInput(Body):
    """Which workshop's page, what is filled in there, and until when; for 30 days by default."""

    workshop_id: Id
    services: Annotated[tuple[Id, ...], Field(max_length=20, description="Of its catalog")] = ()
    customer: Annotated[PrefilledCustomer, Field(default_factory=PrefilledCustomer)]
    car: Annotated[PrefilledCar, Field(default_factory=PrefilledCar)]
    notes: Notes | None = None
    external_reference: Annotated[
        Line | None, Field(description="A booking that stands under it is shown instead")
    ] = None
    expires_at: UtcMoment | None = None

    def link(self, partner_id: str) -> Link:
        """Read it as the domain knows it, on behalf of a partner."""
        registration = self.car.registration
        typed = {
            "name": self.customer.name,
            "email": self.customer.email,
            "phone": self.customer.phone,
            "plate": registration.plate if registration else None,
            "country": registration.country if registration else None,
            "vin": self.car.vin,
            "notes": self.notes,
        }
        car = self.car.model_dump(include={"make", "model", "year", "mileage"}, exclude_none=True)
        return Link(
            partner_id=partner_id,
            workshop_id=self.workshop_id,
            service_ids=self.services,
            typed={name: value for name, value in typed.items() if value},
            car=car,
            external_reference=self.external_reference,
        )


class BookingLinkOut(BaseModel):
    """The address; what it carries, only this platform can read."""

    url: str
    workshop_id: str
    external_reference: str | None
    expires_at: datetime
