"""What a workshop can take, day by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from services.booking.domain.obstacle import Cause, Obstacle
from services.booking.domain.workshop import Category
from services.booking.handlers.availability import Basket, Day
from services.booking.schemas.hours import SpanOut, shown
from services.booking.schemas.values import Duration, LocalDate, ServiceCategory
from shared.inputs import YEARS

MAX_DAYS = 7
MAX_SERVICES = 20


class AvailabilityQuery(BaseModel):
    """From which to which of the workshop's dates, and for which services of its catalog."""

    model_config = ConfigDict(extra="forbid")

    first: Annotated[LocalDate, Field(alias="from")]
    last: Annotated[LocalDate, Field(alias="to", description="7 days at the most, both included")]
    services: Annotated[
        list[str], Field(max_length=MAX_SERVICES, description="Ids, repeated or after commas")
    ] = []
    duration: Annotated[
        Duration | None, Field(description="Of what isn't in the catalog, such as a quote's work")
    ] = None
    service_category: Annotated[
        ServiceCategory, Field(description="Which limits count, without services")
    ] = Category.OTHER
    loan_car: Annotated[bool, Field(description="Only slots with a loan car")] = False
    courtesy: Annotated[bool, Field(description="Only days with courtesy left")] = False
    explain: Annotated[bool, Field(description="Also say why the other slots can't be had")] = False

    @field_validator("first")
    @classmethod
    def _of_our_time(cls, first: date) -> date:
        if first.year < YEARS[0]:
            message = "Give a date of {year} or later."
            raise PydanticCustomError("out-of-range", message, {"year": YEARS[0]})
        return first

    @field_validator("last")
    @classmethod
    def _a_week_at_most(cls, last: date, info: ValidationInfo) -> date:
        first = info.data.get("first", last)
        if last < first:
            raise PydanticCustomError("reversed", "The end can't be before the beginning.")
        if last - first >= timedelta(days=MAX_DAYS):
            raise PydanticCustomError("too-many-days", "Ask for 7 days at the most.")
        return last

    def basket(self) -> Basket:
        """Read it as the handler knows it, however the services were separated."""
        ids = [each for given in self.services for each in given.split(",") if each]
        return Basket(
            tuple(ids), self.service_category, self.loan_car, self.courtesy, self.duration
        )


class SlotOut(BaseModel):
    """From drop-off to the end of the work, and when the car can be picked up."""

    start: datetime
    end: datetime
    pick_up_at: datetime


class ReasonOut(BaseModel):
    """One thing that stands in the way."""

    code: Cause
    message: str

    @classmethod
    def of(cls, obstacle: Obstacle) -> ReasonOut:
        """Show an obstacle."""
        return cls(code=obstacle.cause, message=str(obstacle))


class RefusedOut(BaseModel):
    """A slot that can't be had, and why."""

    start: datetime
    end: datetime
    reasons: list[ReasonOut]


class DayOut(BaseModel):
    """A day on the workshop's calendar: its hours by the clock on the wall, its slots in UTC.

    `closed` and `refused` are there when it is to be explained.
    """

    date: date
    hours: list[SpanOut]
    slots: list[SlotOut]
    closed: ReasonOut | None = None
    refused: list[RefusedOut] | None = None

    @classmethod
    def of(cls, day: Day, *, explained: bool) -> DayOut:
        """Show a day."""
        shown_day = cls(
            date=day.date,
            hours=shown(day.spans),
            slots=[
                SlotOut(
                    start=each.placement.drop_off_at,
                    end=each.placement.ends_at,
                    pick_up_at=each.placement.pick_up_at,
                )
                for each in day.slots
                if each.placement
            ],
        )
        if not explained:
            return shown_day
        shown_day.closed = ReasonOut.of(day.closed) if day.closed else None
        shown_day.refused = [
            RefusedOut(
                start=each.stay.drop_off_at,
                end=each.stay.ends_at,
                reasons=[ReasonOut.of(obstacle) for obstacle in each.obstacles],
            )
            for each in day.slots
            if each.obstacles
        ]
        return shown_day


class AvailabilityOut(BaseModel):
    """Each day that was asked for."""

    data: list[DayOut]

    @classmethod
    def of(cls, days: Sequence[Day], *, explained: bool) -> AvailabilityOut:
        """Show days."""
        return cls(data=[DayOut.of(day, explained=explained) for day in days])
