"""The parts that several contracts have: plain values, with their units."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)


class Contract(BaseModel):
    """Published data: readers ignore fields they don't know, so that writers may add some."""

    # An error is logged and kept, and the data has people's addresses in it.
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Amount(Contract):
    """Money in minor units of an ISO 4217 currency."""

    amount: int
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class TaxShare(Contract):
    """What one tax comes to; of country or region `jurisdiction`, if it isn't the rate's own.

    `tax_rate` is a fraction, null where it was never kept.
    """

    name: str
    tax_rate: Decimal | None = None
    jurisdiction: str | None = None
    amount: Amount


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


def _in_days(duration: timedelta) -> str:
    hours, rest = divmod(duration % timedelta(days=1), timedelta(hours=1))
    minutes, rest = divmod(rest, timedelta(minutes=1))
    seconds = f"{rest.total_seconds():.6f}".rstrip("0").rstrip(".")
    parts = ((hours, "H"), (minutes, "M"), (seconds, "S"))
    time = "".join(f"{number}{unit}" for number, unit in parts if number not in {0, "0"})
    days = f"{duration.days}D" if duration.days else ""
    return "P" + days + (f"T{time}" if time else "" if days else "T0S")


Duration = Annotated[
    timedelta,
    PlainSerializer(_in_days, when_used="json"),
    WithJsonSchema({"type": "string", "format": "duration"}),
]
"""A duration in ISO 8601, zero or more; pydantic would make a year of 365 days."""
