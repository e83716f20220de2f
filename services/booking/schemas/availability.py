"""What a workshop can take, day by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from services.booking.domain.schedule import Day
from services.booking.schemas.hours import SpanOut, shown
from services.booking.schemas.values import LocalDate

MAX_DAYS = 7
MAX_SERVICES = 20


class AvailabilityQuery(BaseModel):
    """From which to which of the workshop's dates, and for which services of its catalog."""

    first: Annotated[LocalDate, Field(alias="from")]
    last: Annotated[LocalDate, Field(alias="to", description="7 days at the most, both included")]
    services: Annotated[
        list[str], Field(max_length=MAX_SERVICES, description="Ids, repeated or after commas")
    ] = []

    @field_validator("last")
    @classmethod
    def _a_week_at_most(cls, last: date, info: ValidationInfo) -> date:
        first = info.data.get("first", last)
        if last < first:
            raise PydanticCustomError("reversed", "The end can't be before the beginning.")
        if last - first >= timedelta(days=MAX_DAYS):
            raise PydanticCustomError("too-many-days", "Ask for 7 days at the most.")
        return last

    def service_ids(self) -> list[str]:
        """List the services, however they were separated."""
        return [each for given in self.services for each in given.split(",") if each]


class SlotOut(BaseModel):
    """From drop-off to pick-up."""

    start: datetime
    end: datetime


class DayOut(BaseModel):
    """A day on the workshop's calendar: its hours by the clock on the wall, its slots in UTC."""

    date: date
    hours: list[SpanOut]
    slots: list[SlotOut]


class AvailabilityOut(BaseModel):
    """Each day that was asked for."""

    data: list[DayOut]

    @classmethod
    def of(cls, days: Sequence[Day]) -> AvailabilityOut:
        """Show days."""
        return cls(
            data=[
                DayOut(
                    date=day.date,
                    hours=shown(day.spans),
                    slots=[SlotOut(start=slot.start, end=slot.end) for slot in day.slots],
                )
                for day in days
            ]
        )
