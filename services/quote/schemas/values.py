"""The kinds of value that rates are made of."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo
from pydantic_core import PydanticCustomError

from shared.inputs import UtcMoment
from shared.pages import Cursor

MAX_DIGITS = 9
RESERVED = frozenset({"import", "export", "fault"})
"""Other paths below the rate cards, and what stands for the service on a line of a fault."""


def _free(code: str) -> str:
    if code in RESERVED:
        raise PydanticCustomError("reserved-name", "This name stands for something else.")
    return code


ServiceCode = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$"), AfterValidator(_free)
]
"""What a service is called, in paths as well."""

Hours = Annotated[Decimal, Field(ge=0, le=1000, decimal_places=2, examples=["1.5"])]
TaxRate = Annotated[Decimal, Field(ge=0, le=1, decimal_places=5, examples=["0.10"])]


def _after_it_begins(ends: datetime, info: ValidationInfo) -> datetime:
    begins: datetime | None = info.data.get("valid_from")
    if begins and ends <= begins:
        message = "The period ends before it begins."
        raise PydanticCustomError("ends-before-it-begins", message)
    return ends


EndOfPeriod = Annotated[UtcMoment, AfterValidator(_after_it_begins)]
"""The first moment that is no longer in a period, whose `valid_from` is a field before it."""


def _version(cursor: str) -> str:
    if not (cursor.isdecimal() and len(cursor) < MAX_DIGITS):
        raise PydanticCustomError("unknown-cursor", "Not a cursor of ours.")
    return cursor


VersionCursor = Annotated[Cursor, AfterValidator(_version)]
"""The number of the version that a page of versions comes after."""
