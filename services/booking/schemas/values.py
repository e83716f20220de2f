"""The kinds of value that only bookings have."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from services.booking.domain import vin
from services.booking.domain.schedule import MAX_DURATION
from services.booking.domain.workshop import FORMER_CATEGORIES, Category
from shared.inputs import IsoDuration, whole_minutes

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _current(value: Any) -> Any:
    return FORMER_CATEGORIES.get(value, value) if isinstance(value, str) else value


ServiceCategory = Annotated[
    Category,
    BeforeValidator(_current),
    WithJsonSchema({"type": "string", "enum": [*Category, *FORMER_CATEGORIES]}),
]
"""What kind of work; `basic` and `logbook`, as it was once called, are maintenance."""


_whole_minutes = whole_minutes(MAX_DURATION, "24 hours")

Duration = Annotated[
    IsoDuration,
    AfterValidator(_whole_minutes),
    WithJsonSchema({"type": "string", "format": "duration", "examples": ["PT1H30M"]}),
]
"""How long something takes, in ISO 8601."""


def _buffer(duration: timedelta) -> timedelta:
    return duration and _whole_minutes(duration)


Buffer = Annotated[
    IsoDuration,
    AfterValidator(_buffer),
    WithJsonSchema({"type": "string", "format": "duration", "examples": ["PT15M"]}),
]
"""How long something is kept free, in ISO 8601; `PT0S` is not at all."""

FewADay = Annotated[int, Field(strict=True, ge=0, le=1000, examples=[8])]
"""How many of something there are in a day."""

Skill = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]


def _once_each(skills: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(skills)))


Skills = Annotated[
    tuple[Skill, ...],
    Field(max_length=50, examples=[["ev", "air-conditioning"]]),
    AfterValidator(_once_each),
]
"""What somebody can do, as the workshop calls it, in kebab-case."""


def _date(value: Any) -> date:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise PydanticCustomError("not-a-date", "Give a date as 2026-12-01.")


LocalDate = Annotated[
    date,
    BeforeValidator(_date),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-12-01"]}),
]
"""A date on the workshop's calendar."""


@cache
def _zones() -> frozenset[str]:
    # Where this program runs has no name that others know.
    return frozenset(available_timezones() - {"localtime"})


def _zone(name: str) -> str:
    if name not in _zones():
        raise PydanticCustomError("unknown-time-zone", "Give an IANA zone: Australia/Sydney.")
    return name


TimeZone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_zone)]
"""The IANA name of a time zone."""


def _vin(text: str) -> str:
    if not vin.is_well_formed(text):
        message = "A VIN has 17 letters and digits, without I, O and Q."
        raise PydanticCustomError("invalid-vin", message)
    if vin.has_wrong_check_digit(text):
        message = "The ninth character, the check digit, doesn't match the others."
        raise PydanticCustomError("wrong-check-digit", message)
    return text


Vin = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_upper=True, max_length=32),
    AfterValidator(_vin),
]
"""A vehicle identification number."""


def _kept(value: Any) -> Any:
    if value is None:
        raise PydanticCustomError("null", "This can't be taken away; leave it out to keep it.")
    return value


NotNull = BeforeValidator(_kept)
"""For a field of a change that may be left out, but not emptied."""


def _refused(value: Any) -> Any:
    raise PydanticCustomError("not-editable", "This can't be changed here.")


NotEditable = Annotated[None, BeforeValidator(_refused), WithJsonSchema({"not": {}})]
"""A field that everybody knows and nobody may change."""
