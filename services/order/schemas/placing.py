"""The HTTP face of placing an order: by a quote, or directly."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from services.order.domain.direct import Request
from services.order.domain.rate_card import Asked
from services.order.domain.terms import Contact, Vehicle
from services.order.handlers.paying import Means
from services.order.schemas.supplements import ServiceCode
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
from shared.problems import FieldError, Problem, invalid

MOST_ITEMS = 50
NEEDED = ("vehicle", "items", "schedule")

Vin = Annotated[
    str, StringConstraints(strip_whitespace=True, to_upper=True, min_length=1, max_length=32)
]
_VEHICLE = TypeAdapter(Vehicle)


class PaymentInput(Body):
    """A card, by the token that the payment provider gave for it; or the deal's invoice."""

    method: Literal["card", "deal"]
    token: Annotated[Line | None, Field(examples=["tok_visa"])] = None

    def means(self) -> Means | None:
        """Read it as the means to pay now; None for a deal, whose invoice is paid later.

        Raises a Problem that names the token: a card has one, and a deal hasn't.
        """
        pointer = "/payment/token"
        if self.method == "card":
            if self.token is None:
                raise invalid(pointer, "missing", "Give the card's token.")
            return Means(self.method, self.token, pointer)
        if self.token is not None:
            raise invalid(pointer, "not-with-a-deal", "A deal is paid by its invoice.")
        return None


class RegistrationInput(Body):
    """A number plate and the country that issued it."""

    plate: Annotated[Line, Field(max_length=16, examples=["ABC123"])]
    country: Annotated[CountryCode, Field(examples=["AU"])]


class VehicleInput(Body):
    """The vehicle to be worked on; mileage in kilometres."""

    vin: Annotated[Vin, Field(examples=["1HGCM82633A004352"])]
    registration: RegistrationInput | None = None
    make: Line | None = None
    model: Line | None = None
    year: Annotated[int, Field(ge=1900, le=2100)] | None = None
    mileage: Annotated[int, Field(ge=0, le=5_000_000)] | None = None
    vehicle_class: Literal["any", "small", "medium", "large", "suv", "van", "truck"] = "any"


class ItemInput(Body):
    """A service from the rate card."""

    service: Annotated[ServiceCode, Field(examples=["detailing"])]
    quantity: Annotated[int, Field(ge=1, le=100)] = 1
    notes: Paragraph | None = None


class ScheduleInput(Body):
    """When the work is to begin."""

    start_at: UtcMoment


class ContactInput(Body):
    """Whom to tell about it."""

    name: Line | None = None
    email: Email | None = None
    phone: Phone | None = None


class NewOrder(Body):
    """A quote to buy; or, without one, a vehicle, what is to be done to it, and when."""

    quote_id: Id | None = None
    type: Literal["reconditioning"] | None = None
    vehicle: VehicleInput | None = None
    items: Annotated[list[ItemInput], Field(min_length=1, max_length=MOST_ITEMS)] | None = None
    schedule: ScheduleInput | None = None
    workshop_id: Id | None = None
    deal_id: Id | None = None
    external_reference: Line | None = None
    contact: ContactInput | None = None
    needed_by: UtcMoment | None = None
    pre_authorized: MoneyInput | None = None
    payment: PaymentInput

    @property
    def the_quote(self) -> str:
        """Name the quote of an order that isn't direct."""
        return self.quote_id or ""

    def direct(self) -> Request | None:
        """Read it as a direct order; None for that of a quote, which says all else itself.

        Raises a Problem that names what is missing, or what a quote has already.
        """
        given = self.model_dump(exclude={"quote_id", "payment"}, exclude_none=True)
        if self.quote_id is not None:
            said = "The quote says that."
            _refuse(FieldError(f"/{name}", "not-with-a-quote", said) for name in given)
            return None
        if not given:
            _refuse([FieldError("/quote_id", "missing", "Name a quote, or say what to do.")])
        if not (self.vehicle and self.items and self.schedule and self.type):
            missing = [name for name in NEEDED if name not in given]
            _refuse(
                FieldError(f"/{name}", "missing", "A direct order needs it.") for name in missing
            )
            raise LookupError(missing)
        return Request(
            type=self.type or "reconditioning",
            vehicle=_VEHICLE.validate_python(self.vehicle.model_dump()),
            items=[Asked(item.service, item.quantity, item.notes) for item in self.items],
            start_at=self.schedule.start_at,
            workshop_id=self.workshop_id,
            deal_id=self.deal_id,
            external_reference=self.external_reference,
            contact=Contact(**self.contact.model_dump()) if self.contact else None,
            needed_by=self.needed_by,
            pre_authorized=self.pre_authorized.money() if self.pre_authorized else None,
        )


def _refuse(errors: Iterable[FieldError]) -> None:
    found = list(errors)
    if found:
        named = ", ".join(each.pointer for each in found)
        raise Problem(422, "invalid-request", f"Not acceptable: {named}.", found)
