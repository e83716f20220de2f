"""Workshops, their resources and closures."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from services.booking.domain.schedule import Closure
from services.booking.domain.workshop import (
    DEFAULT_REMINDER_MONTHS,
    DEFAULT_STEP,
    Aftercare,
    Kind,
    Profile,
    Resource,
    Workshop,
)
from services.booking.schemas.hours import WeekInput, WeekOut
from services.booking.schemas.values import LocalDate, NotNull, TimeZone
from shared.inputs import Body, CountryCode, Email, Line, Phone

SlotMinutes = Literal[15, 30]
Months = Annotated[int, Field(ge=1, le=120)]


class NewWorkshop(Body):
    """A workshop and when it is open, by the clock on its wall."""

    name: Annotated[Line, Field(examples=["Harbour Motors"])]
    time_zone: Annotated[TimeZone, Field(examples=["Australia/Sydney"])]
    country: Annotated[CountryCode, Field(examples=["AU"])]
    hours: Annotated[WeekInput, Field(default_factory=WeekInput)]
    email: Email | None = None
    phone: Phone | None = None
    slot_minutes: SlotMinutes = DEFAULT_STEP
    send_review_requests: bool = True
    schedule_reminders: bool = True
    reminder_months: Months = DEFAULT_REMINDER_MONTHS

    def profile(self) -> Profile:
        """Read it as the domain knows it."""
        return Profile(
            name=self.name,
            time_zone=self.time_zone,
            country=self.country,
            hours=self.hours.hours(),
            email=self.email,
            phone=self.phone,
            slot_minutes=self.slot_minutes,
            aftercare=Aftercare(
                self.send_review_requests, self.schedule_reminders, self.reminder_months
            ),
        )


_OF_AFTERCARE = {"send_review_requests", "schedule_reminders", "reminder_months"}


class WorkshopChange(Body):
    """What shall be different; what is left out stays."""

    name: Annotated[Line | None, NotNull] = None
    time_zone: Annotated[TimeZone | None, NotNull] = None
    country: Annotated[CountryCode | None, NotNull] = None
    hours: Annotated[WeekInput | None, NotNull] = None
    email: Email | None = None
    phone: Phone | None = None
    slot_minutes: Annotated[SlotMinutes | None, NotNull] = None
    send_review_requests: Annotated[bool | None, NotNull] = None
    schedule_reminders: Annotated[bool | None, NotNull] = None
    reminder_months: Annotated[Months | None, NotNull] = None

    def applied_to(self, profile: Profile) -> Profile:
        """Change a profile."""
        given: dict[str, Any] = {name: getattr(self, name) for name in self.model_fields_set}
        if self.hours is not None:
            given["hours"] = self.hours.hours()
        of_aftercare = {name: given.pop(name) for name in _OF_AFTERCARE & given.keys()}
        return replace(profile, **given, aftercare=replace(profile.aftercare, **of_aftercare))


class WorkshopOut(BaseModel):
    """A workshop; `partner_id` is the account that runs it."""

    id: str
    partner_id: str
    name: str
    time_zone: str
    country: str
    hours: WeekOut
    email: str | None
    phone: str | None
    slot_minutes: int
    send_review_requests: bool
    schedule_reminders: bool
    reminder_months: int
    created_at: datetime

    @classmethod
    def of(cls, workshop: Workshop) -> WorkshopOut:
        """Show a workshop."""
        profile = workshop.profile
        return cls(
            id=workshop.id,
            partner_id=workshop.partner_id,
            name=profile.name,
            time_zone=profile.time_zone,
            country=profile.country,
            hours=WeekOut.of(profile.hours),
            email=profile.email,
            phone=profile.phone,
            slot_minutes=profile.slot_minutes,
            send_review_requests=profile.aftercare.send_review_requests,
            schedule_reminders=profile.aftercare.schedule_reminders,
            reminder_months=profile.aftercare.reminder_months,
            created_at=workshop.created_at,
        )


class ResourceInput(Body):
    """Something that the workshop has a limited number of; a booking occupies one bay."""

    kind: Kind
    name: Annotated[Line, Field(examples=["One"])]


class ResourceOut(BaseModel):
    """A bay, a technician or a loan car."""

    id: str
    workshop_id: str
    kind: Kind
    name: str
    created_at: datetime

    @classmethod
    def of(cls, resource: Resource) -> ResourceOut:
        """Show a resource."""
        return cls.model_validate(resource, from_attributes=True)


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
