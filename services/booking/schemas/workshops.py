"""Workshops."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from services.booking.domain.workshop import (
    DEFAULT_REMINDER_MONTHS,
    DEFAULT_STEP,
    Aftercare,
    Profile,
    Rules,
    Workshop,
)
from services.booking.schemas.hours import QuietHours, SpanOut, WeekInput, WeekOut, quiet_shown
from services.booking.schemas.rules import RulesInput, RulesOut
from services.booking.schemas.values import NotNull, TimeZone
from shared.inputs import Body, CountryCode, Email, Line, Phone, RegionCode

SlotMinutes = Literal[15, 30]
Months = Annotated[int, Field(ge=1, le=120)]
Kilometres = Annotated[int, Field(ge=100, le=200_000)]
Origin = Annotated[
    str,
    StringConstraints(
        max_length=200,
        pattern=(
            r"^(https://[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+"
            r"|http://(localhost|127\.0\.0\.1))(:[0-9]{1,5})?$"
        ),
    ),
    Field(examples=["https://www.example.com"]),
]
Origins = Annotated[
    tuple[Origin, ...],
    Field(max_length=20, description="The sites that may frame the booking page (`?embed=1`)"),
]


class NewWorkshop(Body):
    """A workshop and when it is open, by the clock on its wall."""

    name: Annotated[Line, Field(examples=["Harbour Motors"])]
    time_zone: Annotated[TimeZone, Field(examples=["Australia/Sydney"])]
    country: Annotated[CountryCode, Field(examples=["AU"])]
    region: Annotated[RegionCode, Field(examples=["AU-NSW"])] | None = None
    hours: Annotated[WeekInput, Field(default_factory=WeekInput)]
    email: Email | None = None
    phone: Phone | None = None
    slot_minutes: SlotMinutes = DEFAULT_STEP
    send_review_requests: bool = True
    schedule_reminders: bool = True
    reminder_months: Months = DEFAULT_REMINDER_MONTHS
    reminder_kilometres: Kilometres | None = None
    quiet_hours: QuietHours | None = None
    rules: Annotated[RulesInput, Field(default_factory=RulesInput)]
    embed_origins: Origins = ()

    def profile(self) -> Profile:
        """Read it as the domain knows it."""
        return Profile(
            name=self.name,
            time_zone=self.time_zone,
            country=self.country,
            region=self.region,
            hours=self.hours.hours(),
            email=self.email,
            phone=self.phone,
            slot_minutes=self.slot_minutes,
            aftercare=Aftercare(
                self.send_review_requests,
                self.schedule_reminders,
                self.reminder_months,
                self.reminder_kilometres,
                self.quiet_hours,
            ),
            rules=self.rules.applied_to(Rules()),
            embed_origins=self.embed_origins,
        )


_OF_AFTERCARE = {field.name for field in fields(Aftercare)}


class WorkshopChange(Body):
    """What shall be different; what is left out stays."""

    name: Annotated[Line | None, NotNull] = None
    time_zone: Annotated[TimeZone | None, NotNull] = None
    country: Annotated[CountryCode | None, NotNull] = None
    region: RegionCode | None = None
    hours: Annotated[WeekInput | None, NotNull] = None
    email: Email | None = None
    phone: Phone | None = None
    slot_minutes: Annotated[SlotMinutes | None, NotNull] = None
    send_review_requests: Annotated[bool | None, NotNull] = None
    schedule_reminders: Annotated[bool | None, NotNull] = None
    reminder_months: Annotated[Months | None, NotNull] = None
    reminder_kilometres: Kilometres | None = None
    quiet_hours: QuietHours | None = None
    rules: Annotated[RulesInput | None, NotNull] = None
    embed_origins: Annotated[Origins | None, NotNull] = None

    def applied_to(self, profile: Profile) -> Profile:
        """Change a profile."""
        given: dict[str, Any] = {name: getattr(self, name) for name in self.model_fields_set}
        if self.hours is not None:
            given["hours"] = self.hours.hours()
        if self.rules is not None:
            given["rules"] = self.rules.applied_to(profile.rules)
        of_aftercare = {name: given.pop(name) for name in _OF_AFTERCARE & given.keys()}
        return replace(profile, **given, aftercare=replace(profile.aftercare, **of_aftercare))


class WorkshopOut(BaseModel):
    """A workshop; `partner_id` is the account that runs it."""

    id: str
    partner_id: str
    name: str
    time_zone: str
    country: str
    region: str | None
    hours: WeekOut
    email: str | None
    phone: str | None
    slot_minutes: int
    send_review_requests: bool
    schedule_reminders: bool
    reminder_months: int
    reminder_kilometres: int | None
    quiet_hours: SpanOut | None
    rules: RulesOut
    embed_origins: list[str]
    booking_url: str
    created_at: datetime

    @classmethod
    def of(cls, workshop: Workshop, public_url: str) -> WorkshopOut:
        """Show a workshop, with the page on which its customers book."""
        profile = workshop.profile
        return cls(
            id=workshop.id,
            partner_id=workshop.partner_id,
            name=profile.name,
            time_zone=profile.time_zone,
            country=profile.country,
            region=profile.region,
            hours=WeekOut.of(profile.hours),
            email=profile.email,
            phone=profile.phone,
            slot_minutes=profile.slot_minutes,
            send_review_requests=profile.aftercare.send_review_requests,
            schedule_reminders=profile.aftercare.schedule_reminders,
            reminder_months=profile.aftercare.reminder_months,
            reminder_kilometres=profile.aftercare.reminder_kilometres,
            quiet_hours=quiet_shown(profile.aftercare.quiet_hours),
            rules=RulesOut.of(profile.rules),
            embed_origins=list(profile.embed_origins),
            booking_url=f"{public_url}/book/{workshop.id}",
            created_at=workshop.created_at,
        )
