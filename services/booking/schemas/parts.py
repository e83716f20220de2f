"""The parts of a booking's body: customer, car, services, products."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from services.booking.domain.details import (
    Asked,
    Car,
    Customer,
    FromCatalog,
    InOwnWords,
    Product,
    Registration,
    Unreachable,
)
from services.booking.domain.workshop import Cost
from services.booking.schemas.values import Duration, ServiceCategory, TimeZone, Vin
from shared.ids import Id
from shared.inputs import Body, CountryCode, Email, Line, MoneyInput, Paragraph, Phone

Year = Annotated[int, Field(ge=1900, le=2100)]
Mileage = Annotated[int, Field(ge=0, le=5_000_000)]


class CustomerInput(Body):
    """Whose visit it is, with an email address or a phone number at the least."""

    name: Line
    email: Email | None = None
    phone: Phone | None = None
    time_zone: Annotated[
        TimeZone | None, Field(description="Kept for quiet hours; else the workshop's is taken")
    ] = None

    @model_validator(mode="after")
    def _can_be_reached(self) -> CustomerInput:
        try:
            self.customer()
        except Unreachable as wrong:
            raise PydanticCustomError("unreachable", "{why}", {"why": str(wrong)}) from None
        return self

    def customer(self) -> Customer:
        """Read it as the domain knows it."""
        return Customer(self.name, self.email, self.phone)


class RegistrationInput(Body):
    """A number plate and the country that issued it."""

    plate: Annotated[Line, Field(max_length=16, examples=["ABC123"])]
    country: Annotated[CountryCode, Field(examples=["AU"])]

    def registration(self) -> Registration:
        """Read it as the domain knows it."""
        return Registration(self.plate, self.country)


class CarInput(Body):
    """The customer's car; mileage in kilometres."""

    registration: RegistrationInput
    vin: Vin | None = None
    make: Line | None = None
    model: Line | None = None
    year: Year | None = None
    mileage: Mileage | None = None

    def car(self) -> Car:
        """Read it as the domain knows it."""
        return Car(
            registration=self.registration.registration(),
            vin=self.vin,
            make=self.make,
            model=self.model,
            year=self.year,
            mileage=self.mileage,
        )


class ServiceInput(Body):
    """A service: of the workshop's catalog by `catalog_id`, or with a `title` of one's own."""

    catalog_id: Id | None = None
    title: Line | None = None
    category: ServiceCategory | None = None
    code: Line | None = None
    description: Paragraph | None = None
    duration: Duration | None = None
    cost: MoneyInput | None = None

    @model_validator(mode="after")
    def _one_or_the_other(self) -> ServiceInput:
        own = self.model_fields_set & {"title", "category", "code", "duration", "cost"}
        if (self.catalog_id is None) == (self.title is None) or (self.catalog_id and own):
            message = "Give a catalog_id, whose details are the catalog's, or a title of your own."
            raise PydanticCustomError("one-or-the-other", message)
        return self

    def asked(self) -> Asked:
        """Read it as the domain knows it."""
        if self.title is None:
            return FromCatalog(self.catalog_id or "", self.description)
        return InOwnWords(
            title=self.title,
            category=self.category,
            code=self.code,
            description=self.description,
            duration=self.duration,
            cost=Cost(self.cost.money(), self.cost.money()) if self.cost else None,
        )


class ProductInput(Body):
    """A product that the workshop should have ready."""

    name: Line
    description: Paragraph | None = None
    quantity: Annotated[int, Field(ge=1, le=1000)] = 1

    def product(self) -> Product:
        """Read it as the domain knows it."""
        return Product(self.name, self.description, self.quantity)


Services = Annotated[tuple[ServiceInput, ...], Field(max_length=20)]
Products = Annotated[tuple[ProductInput, ...], Field(max_length=50)]
