"""Days that aren't as the week says: closures, special days, and holidays that may become such."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from services.booking.domain.holidays import YEARS, Holiday
from services.booking.domain.hours import Span
from services.booking.domain.schedule import Closure, SpecialDay
from services.booking.schemas.hours import Day, SpanOut, shown
from services.booking.schemas.values import LocalDate, NotEditable, NotNull
from shared.inputs import Body, Line


class ClosureInput(Body):
    """Whole days on which the workshop is closed, both included."""

    first_day: Annotated[LocalDate, Field(alias="from")]
    last_day: Annotated[LocalDate, Field(alias="to")]
    reason: Line | None = None

    @field_validator("last_day")
    @classmethod
    def _not_reversed(cls, last_day: date, info: ValidationInfo) -> date:
        if last_day < info.data.get("first_day", last_day):
            raise PydanticCustomError("reversed", "The end can't be before the beginning.")
        return last_day


class ClosureChange(Body):
    """What shall be different about a closure; what is left out stays."""

    first_day: Annotated[LocalDate | None, NotNull, Field(alias="from")] = None
    last_day: Annotated[LocalDate | None, NotNull, Field(alias="to")] = None
    reason: Line | None = None
    id: NotEditable = None

    def applied_to(self, closure: Closure) -> Closure:
        """Change a closure."""
        return replace(closure, **{name: getattr(self, name) for name in self.model_fields_set})


class ClosureOut(BaseModel):
    """Days on which a workshop is closed, both included."""

    id: str
    workshop_id: str
    first_day: Annotated[date, Field(serialization_alias="from")]
    last_day: Annotated[date, Field(serialization_alias="to")]
    reason: str | None

    @classmethod
    def of(cls, closure: Closure) -> ClosureOut:
        """Show a closure."""
        return cls.model_validate(closure, from_attributes=True)


class SpecialDayInput(Body):
    """Hours of one date, instead of its weekday's; without any the workshop is closed."""

    hours: Annotated[Day, Field(examples=[[["09:00", "12:00"]]])]
    reason: Annotated[Line | None, Field(examples=["Christmas Eve"])] = None

    def special_day(self, workshop_id: str, day: date) -> SpecialDay:
        """Read it as the domain knows it."""
        return SpecialDay(workshop_id, day, tuple(Span(*pair) for pair in self.hours), self.reason)


class SpecialDayOut(BaseModel):
    """A date with hours of its own; without any the workshop is closed."""

    date: date
    hours: list[SpanOut]
    reason: str | None

    @classmethod
    def of(cls, special: SpecialDay) -> SpecialDayOut:
        """Show a special day."""
        return cls(date=special.day, hours=shown(special.spans), reason=special.reason)


class HolidayQuery(BaseModel):
    """Of which year and region holidays are asked for."""

    model_config = ConfigDict(extra="forbid")

    year: Annotated[int, Field(ge=YEARS[0], le=YEARS[-1], examples=[2026])]
    region: Annotated[
        str | None,
        Field(max_length=20, description="As ISO 3166-2 has it: NSW; else the workshop's own"),
    ] = None


class HolidayOut(BaseModel):
    """A public holiday; `closed` tells whether the workshop has no hours then anyway."""

    date: date
    name: str
    closed: bool

    @classmethod
    def of(cls, holiday: Holiday) -> HolidayOut:
        """Show a holiday."""
        return cls(date=holiday.day, name=holiday.name, closed=holiday.is_closed)


class HolidaysOut(BaseModel):
    """The public holidays of a year; nothing is closed by reading them."""

    country: str
    region: str | None
    data: list[HolidayOut]
