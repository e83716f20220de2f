"""What was agreed: the vehicle, the lines of work, their prices, whom to tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from services.order.domain.sums import Summed
from shared.money import Money


@dataclass(frozen=True, slots=True)
class Registration:
    """A number plate and the country that issued it."""

    plate: str
    country: str


@dataclass(frozen=True, slots=True)
class Vehicle:
    """What is worked on; mileage in kilometres."""

    vin: str | None = None
    registration: Registration | None = None
    make: str | None = None
    model: str | None = None
    year: int | None = None
    mileage: int | None = None
    vehicle_class: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to tell; the phone in E.164."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


class Work(StrEnum):
    """How far a line is."""

    TO_DO = "to-do"
    IN_PROGRESS = "in-progress"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class TaxShare:
    """What one tax comes to, by its name and rate; a line's sum to its tax where they are known."""

    name: str
    amount: Money
    tax_rate: Decimal | None = None
    jurisdiction: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of work; the money is for the whole quantity.

    `price` is the sum of labour, parts and fees, where it was told what it is made of.
    """

    id: str
    service: str
    description: str
    quantity: int
    notes: str | None
    price: Money
    tax: Money
    labour: Money | None = None
    parts: Money | None = None
    fees: Money | None = None
    supplement_id: str | None = None
    work: Work = Work.TO_DO
    taxes: tuple[TaxShare, ...] = ()

    @property
    def total(self) -> Money:
        """Return price and tax."""
        return self.price + self.tax


@dataclass(frozen=True, slots=True)
class Terms(Summed):
    """The authorised work and its price; `estimated_duration` is ISO 8601 (`PT6H30M`).

    `pre_authorized` is how much more may be done without asking, tax included.
    """

    type: str
    currency: str
    vehicle: Vehicle
    lines: tuple[Line, ...]
    contact: Contact | None = None
    scheduled_at: datetime | None = None
    estimated_duration: str | None = None
    pre_authorized: Money | None = None
    needed_by: datetime | None = None
