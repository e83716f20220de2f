"""The parts that several contracts have: plain values, with their units."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class Contract(BaseModel):
    """Published data: readers ignore fields they don't know, so that writers may add some."""

    # An error is logged and kept, and the data has people's addresses in it.
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Amount(Contract):
    """Money in minor units of an ISO 4217 currency."""

    amount: int
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Registration(Contract):
    """A number plate and the ISO 3166-1 country that issued it."""

    plate: str
    country: str


class Vehicle(Contract):
    """What is worked on; mileage in kilometres."""

    vin: str | None = None
    registration: Registration | None = None
    make: str | None = None
    model: str | None = None
    year: int | None = None
    mileage: int | None = None
    vehicle_class: str | None = None


class Contact(Contract):
    """Whom to tell about it; the phone in E.164."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


class Change(Contract):
    """One field that changed, with its value before and after as JSON shows them."""

    field: str
    before: str | int | bool | None
    after: str | int | bool | None


Moment = AwareDatetime
"""A moment in UTC, RFC 3339."""
