"""Reports."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from services.booking.schemas.values import LocalDate

MAX_DAYS = 366


class ReportQuery(BaseModel):
    """From which to which date of drop-off, at the workshop and both included; and in what form."""

    model_config = ConfigDict(extra="forbid")

    first: Annotated[LocalDate, Field(alias="from")]
    last: Annotated[LocalDate, Field(alias="to", description="366 days at the most")]
    period: Annotated[
        Literal["day", "week", "month"], Field(description="By what dates are counted together")
    ] = "month"
    format: Literal["json", "csv"] = "json"

    @field_validator("last")
    @classmethod
    def _a_year_at_most(cls, last: date, info: ValidationInfo) -> date:
        first = info.data.get("first", last)
        if last < first:
            raise PydanticCustomError("reversed", "The end can't be before the beginning.")
        if last - first >= timedelta(days=MAX_DAYS):
            raise PydanticCustomError("too-many-days", "Ask for 366 days at the most.")
        return last


class Counted(BaseModel):
    """Bookings that have all this in common; the value is that of their services, as booked.

    A booking whose services have costs in two currencies is counted under each of them.
    """

    period: Annotated[
        str, Field(examples=["2026-12", "2026-W49", "2026-12-01"], description="Of the drop-off")
    ]
    workshop_id: str
    status: str
    source: str
    currency: str | None
    bookings: int
    no_shows: int
    value: Annotated[int, Field(description="In minor units, before tax as the catalog has it")]


class Report(BaseModel):
    """The account's own bookings, counted."""

    counts: list[Counted]


class Rebuilt(BaseModel):
    """Of how many bookings the projection was made anew."""

    bookings: int
