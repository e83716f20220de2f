"""A change of a booking: what is left out stays, `null` takes away (RFC 7396)."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from services.booking.domain.details import Asked, Car, Customer, Details
from services.booking.schemas.parts import (
    Mileage,
    ProductInput,
    Products,
    RegistrationInput,
    Services,
    Year,
)
from services.booking.schemas.values import NotEditable, NotNull, ServiceCategory, Vin
from shared.inputs import Body, Email, Line, Paragraph, Phone


class CustomerChange(Body):
    """What shall be different about the customer."""

    name: Annotated[Line | None, NotNull] = None
    email: Email | None = None
    phone: Phone | None = None

    def applied_to(self, customer: Customer) -> Customer:
        """Change a customer; raises Unreachable when nothing is left to reach it by."""
        return replace(customer, **_given(self))


class CarChange(Body):
    """What shall be different about the car."""

    registration: Annotated[RegistrationInput | None, NotNull] = None
    vin: Vin | None = None
    make: Line | None = None
    model: Line | None = None
    year: Year | None = None
    mileage: Mileage | None = None

    def applied_to(self, car: Car) -> Car:
        """Change a car."""
        given = _given(self)
        if self.registration is not None:
            given["registration"] = self.registration.registration()
        return replace(car, **given)


_OF_JOB = {"service_category", "services", "loan_car", "courtesy"}


class BookingChange(Body):
    """What shall be different about a booking; its status, workshop and time can't be."""

    service_category: Annotated[ServiceCategory | None, NotNull] = None
    services: Annotated[Services | None, NotNull] = None
    customer: Annotated[CustomerChange | None, NotNull] = None
    car: Annotated[CarChange | None, NotNull] = None
    notes: Paragraph | None = None
    products: Annotated[Products | None, NotNull] = None
    loan_car: Annotated[bool | None, NotNull] = None
    courtesy: Annotated[bool | None, NotNull] = None
    id: NotEditable = None
    partner_id: NotEditable = None
    status: NotEditable = None
    workshop_id: NotEditable = None
    drop_off_at: NotEditable = None
    ends_at: NotEditable = None
    external_reference: NotEditable = None
    created_at: NotEditable = None

    def asked(self) -> tuple[Asked, ...] | None:
        """Return the services, if they shall be different."""
        return None if self.services is None else tuple(each.asked() for each in self.services)

    @property
    def is_other_job(self) -> bool:
        """Tell whether something else may be needed for it."""
        return bool(self.model_fields_set & _OF_JOB)

    def applied_to(self, details: Details) -> Details:
        """Change all but the services, for which the catalog is needed; raises Unreachable."""
        given = _given(self)
        given.pop("services", None)
        if self.customer is not None:
            given["customer"] = self.customer.applied_to(details.customer)
        if self.car is not None:
            given["car"] = self.car.applied_to(details.car)
        if self.products is not None:
            given["products"] = tuple(map(ProductInput.product, self.products))
        return replace(details, **given)


def _given(body: Body) -> dict[str, Any]:
    return {name: getattr(body, name) for name in body.model_fields_set}
