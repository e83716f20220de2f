"""What is asked for with a booking, by whom and for which car."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import timedelta

from services.booking.domain.schedule import DEFAULT_DURATION
from services.booking.domain.workshop import Category, Cost, Kind


class Unreachable(ValueError):
    """A customer that can neither be written to nor called."""


@dataclass(frozen=True, slots=True)
class Customer:
    """Whose visit it is, with an email address or a phone number (E.164) at the least."""

    name: str
    email: str | None = None
    phone: str | None = None

    def __post_init__(self) -> None:
        if not (self.email or self.phone):
            raise Unreachable("a customer needs an email address or a phone number")


@dataclass(frozen=True, slots=True)
class Registration:
    """A number plate and the ISO 3166-1 country that issued it."""

    plate: str
    country: str


@dataclass(frozen=True, slots=True)
class Car:
    """The customer's car; mileage in kilometres."""

    registration: Registration
    vin: str | None = None
    make: str | None = None
    model: str | None = None
    year: int | None = None
    mileage: int | None = None


@dataclass(frozen=True, slots=True)
class BookedService:
    """A service as it was when it was asked for: of the catalog, or in the customer's words."""

    title: str
    category: Category
    catalog_id: str | None = None
    code: str | None = None
    description: str | None = None
    duration: timedelta | None = None
    cost: Cost | None = None
    buffer_before: timedelta = timedelta()
    buffer_after: timedelta = timedelta()
    resources: tuple[Kind, ...] = ()
    skills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FromCatalog:
    """A service asked for by its place in the workshop's catalog."""

    catalog_id: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class InOwnWords:
    """A service that the catalog doesn't have; of the booking's category unless it names one."""

    title: str
    category: Category | None = None
    code: str | None = None
    description: str | None = None
    duration: timedelta | None = None
    cost: Cost | None = None


Asked = FromCatalog | InOwnWords
"""A service as it is asked for."""


@dataclass(frozen=True, slots=True)
class Product:
    """A product that the workshop should have ready."""

    name: str
    description: str | None = None
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Details:
    """What of a booking may be changed later: all but its status, workshop and time."""

    service_category: Category
    services: tuple[BookedService, ...]
    customer: Customer
    car: Car
    notes: str | None = None
    products: tuple[Product, ...] = ()
    loan_car: bool = False
    courtesy: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A field's value before and after."""

    field: str
    before: str | int | None
    after: str | int | None


def work_time(services: Iterable[BookedService]) -> timedelta:
    """Sum how long the services take; an hour when none of them says."""
    return (
        sum((each.duration for each in services if each.duration), timedelta()) or DEFAULT_DURATION
    )


def changes(before: Details, after: Details) -> tuple[Change, ...]:
    """Compare two versions, customer and car field by field."""
    pairs = zip(_flat(before), _flat(after), strict=True)
    return tuple(
        Change(name, _shown(was), _shown(now)) for (name, was), (_, now) in pairs if was != now
    )


def _flat(
    part: Details | Customer | Car | Registration, path: str = ""
) -> Iterator[tuple[str, object]]:
    for field in fields(part):
        value = getattr(part, field.name)
        if isinstance(value, Customer | Car | Registration):
            yield from _flat(value, f"{path}{field.name}.")
        else:
            yield path + field.name, value


def _shown(value: object) -> str | int | None:
    match value:
        case int() | str() | None:
            return value
        case tuple():
            return ", ".join(map(_called, value))
        case _:
            return str(value)


def _called(one: BookedService | Product) -> str:
    return one.title if isinstance(one, BookedService) else one.name
