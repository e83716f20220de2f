"""What customers type into the booking page's forms, which are read as the API's bodies are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import phonenumbers
from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from services.booking.handlers.booking_page import Wish
from services.booking.schemas.booking_links import Notes
from services.booking.schemas.values import LocalDate
from services.booking.schemas.visits import VisitInput
from shared.ids import Id
from shared.inputs import Line, Paragraph, UtcMoment

FIELDS = ("name", "email", "phone", "plate", "country", "vin", "notes")
MAX_TYPED = 4000

_PLACES = {
    ("customer",): "email",
    ("customer", "name"): "name",
    ("customer", "email"): "email",
    ("customer", "phone"): "phone",
    ("car", "registration", "plate"): "plate",
    ("car", "registration", "country"): "country",
    ("car", "vin"): "vin",
    ("notes",): "notes",
}

Attempt = Annotated[str, StringConstraints(pattern=r"^att_[0-9a-z]{1,60}$")]


class _PageVisit(VisitInput):
    notes: Notes | None = None


_VISIT = TypeAdapter(_PageVisit)
_WISHED: TypeAdapter[tuple[str, ...]] = TypeAdapter(Annotated[tuple[Id, ...], Field(max_length=20)])
_LINE: TypeAdapter[str] = TypeAdapter(Line)
_DAY = TypeAdapter(LocalDate)
_MOMENT = TypeAdapter(UtcMoment)
_ATTEMPT: TypeAdapter[str] = TypeAdapter(Attempt)
_REASON: TypeAdapter[str] = TypeAdapter(Annotated[Paragraph, Field(max_length=500)])


@dataclass(frozen=True, slots=True)
class Mistyped(Exception):
    """What is wrong, by the form's fields: a code of each, as the API has them."""

    errors: Mapping[str, str]


def typed(form: Mapping[str, Any]) -> dict[str, str]:
    """Keep what was typed into the fields of the details, to be shown again."""
    return {
        name: value[:MAX_TYPED]
        for name in FIELDS
        if isinstance(value := form.get(name), str) and value
    }


def visit(given: Mapping[str, str], more: Mapping[str, str | int]) -> VisitInput:
    """Read whose visit it is; raises Mistyped. A phone number may be a local one.

    `more` is what a partner's link says of the car besides.
    """
    said = {name: value.strip() or None for name, value in given.items()}
    country = said.get("country")
    body = {
        "customer": {
            "name": said.get("name"),
            "email": said.get("email"),
            "phone": _international(said.get("phone"), country),
        },
        "car": {
            "registration": {"plate": (said.get("plate") or "").upper(), "country": country},
            "vin": said.get("vin"),
            **more,
        },
        "notes": given.get("notes"),
    }
    try:
        return _VISIT.validate_python(body)
    except ValidationError as wrong:
        raise Mistyped(dict(_errors(wrong))) from None


def wish(service_ids: Iterable[str], other: str | None) -> Wish:
    """Read what is to be done; raises Mistyped."""
    try:
        ids = _WISHED.validate_python(tuple(dict.fromkeys(service_ids)))
    except ValidationError:
        raise Mistyped({"service": "unknown-service"}) from None
    said = (other or "").strip()
    try:
        return Wish(ids, _LINE.validate_python(said) if said else None)
    except ValidationError as wrong:
        raise Mistyped({"other": str(wrong.errors()[0]["type"])}) from None


def day(text: object) -> Any:
    """Read a date; None for none, or what isn't one."""
    return _or_none(_DAY, text)


def moment(text: object) -> Any:
    """Read a slot's beginning; None for what isn't a time."""
    return _or_none(_MOMENT, text)


def attempt(text: object) -> str | None:
    """Read the id of a form's attempt; None for what isn't one."""
    found: str | None = _or_none(_ATTEMPT, text)
    return found


def reason(text: str | None) -> str | None:
    """Read why somebody cancels; raises Mistyped."""
    try:
        return _REASON.validate_python((text or "").strip()) or None
    except ValidationError as wrong:
        raise Mistyped({"reason": str(wrong.errors()[0]["type"])}) from None


def _or_none(kind: TypeAdapter[Any], text: object) -> Any:
    try:
        return kind.validate_python(text)
    except ValidationError:
        return None


def _errors(wrong: ValidationError) -> Iterable[tuple[str, str]]:
    for error in reversed(wrong.errors()):
        place = tuple(step for step in error["loc"] if isinstance(step, str))
        yield _PLACES.get(place, "notes"), str(error["type"])


def _international(number: str | None, country: str | None) -> str | None:
    """Write a number as E.164; one that can't be read stays, to be refused."""
    if number is None:
        return None
    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
