"""A workshop, its resources and its catalog."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from services.booking.domain.hours import Hours
from services.booking.domain.schedule import Closure, Schedule
from shared.money import Money

DEFAULT_STEP: Final = 30
DEFAULT_REMINDER_MONTHS = 6


class Category(StrEnum):
    """What kind of work is asked for."""

    MAINTENANCE = "maintenance"
    TYRES = "tyres"
    REPAIR = "repair"
    OTHER = "other"


FORMER_CATEGORIES = {"basic": Category.MAINTENANCE, "logbook": Category.MAINTENANCE}
"""What older clients still send, and what it means now."""


class Kind(StrEnum):
    """What a workshop has a limited number of; a booking occupies one bay."""

    BAY = "bay"
    TECHNICIAN = "technician"
    LOAN_CAR = "loan-car"


class Announcement(StrEnum):
    """What everyone is told of a workshop."""

    CREATED = "workshop.created"
    UPDATED = "workshop.updated"


@dataclass(frozen=True, slots=True)
class Aftercare:
    """What follows a visit: whether reviews are asked for, and when the next service is due."""

    send_review_requests: bool = True
    schedule_reminders: bool = True
    reminder_months: int = DEFAULT_REMINDER_MONTHS


@dataclass(frozen=True, slots=True)
class Profile:
    """What a workshop's owner says of it; `slot_minutes` is the grid on which slots are offered."""

    name: str
    time_zone: str
    country: str
    hours: Hours
    email: str | None = None
    phone: str | None = None
    slot_minutes: int = DEFAULT_STEP
    aftercare: Aftercare = field(default_factory=Aftercare)


@dataclass(frozen=True, slots=True)
class Workshop:
    """A workshop; `partner_id` is the account that runs it."""

    id: str
    partner_id: str
    profile: Profile
    created_at: datetime
    sequence: int = 0

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone of the clock on its wall."""
        return ZoneInfo(self.profile.time_zone)

    def schedule(self, closures: tuple[Closure, ...]) -> Schedule:
        """Say when it can take a car."""
        step = timedelta(minutes=self.profile.slot_minutes)
        return Schedule(self.zone, self.profile.hours, step, closures)


@dataclass(frozen=True, slots=True)
class WorkshopEvent:
    """A workshop as it stands after a change."""

    announcement: Announcement
    workshop: Workshop


def opened(workshop: Workshop) -> tuple[Workshop, tuple[WorkshopEvent, ...]]:
    """Tell of a new workshop."""
    first = replace(workshop, sequence=1)
    return first, (WorkshopEvent(Announcement.CREATED, first),)


def amend(workshop: Workshop, profile: Profile) -> tuple[Workshop, tuple[WorkshopEvent, ...]]:
    """Say something else of a workshop; of nothing new, nothing is told."""
    if profile == workshop.profile:
        return workshop, ()
    amended = replace(workshop, profile=profile, sequence=workshop.sequence + 1)
    return amended, (WorkshopEvent(Announcement.UPDATED, amended),)


@dataclass(frozen=True, slots=True)
class Resource:
    """One bay, technician or loan car."""

    id: str
    workshop_id: str
    kind: Kind
    name: str
    created_at: datetime


class NotARange(ValueError):
    """Two amounts that are no range: of two currencies, or the wrong way round."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What something costs: from `low` to `high`, which are the same when the price is fixed."""

    low: Money
    high: Money

    def __post_init__(self) -> None:
        if self.low.currency != self.high.currency or self.low.amount > self.high.amount:
            raise NotARange("a cost goes from the lower to the higher amount, in one currency")

    @property
    def is_fixed(self) -> bool:
        """Tell whether it is one price."""
        return self.low == self.high


@dataclass(frozen=True, slots=True)
class Offer:
    """What a workshop says of a service that it offers; `code` is unique within the workshop."""

    code: str
    title: str
    category: Category
    duration: timedelta
    cost: Cost | None = None
    icon: str | None = None
    colour: str | None = None


@dataclass(frozen=True, slots=True)
class CatalogService:
    """A service in a workshop's catalog."""

    id: str
    workshop_id: str
    offer: Offer
    created_at: datetime
