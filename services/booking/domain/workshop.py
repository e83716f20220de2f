"""A workshop, its resources and its catalog."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from services.booking.domain.hours import Hours
from services.booking.domain.schedule import Closure, Schedule, SpecialDay
from shared.money import Money

DEFAULT_STEP: Final = 30
DEFAULT_REMINDER_MONTHS = 6
MAX_AHEAD = timedelta(days=731)
"""Further than this nobody plans."""


class Category(StrEnum):
    """What kind of work is asked for."""

    MAINTENANCE = "maintenance"
    TYRES = "tyres"
    REPAIR = "repair"
    OTHER = "other"


FORMER_CATEGORIES = {"basic": Category.MAINTENANCE, "logbook": Category.MAINTENANCE}
"""What older clients still send, and what it means now."""


class Kind(StrEnum):
    """What a workshop has a limited number of; a booking occupies one bay.

    Courtesy is what it does for so many customers a day without keeping anything for them: lifts
    home, seats in the lounge.
    """

    BAY = "bay"
    TECHNICIAN = "technician"
    LOAN_CAR = "loan-car"
    COURTESY = "courtesy"


class Announcement(StrEnum):
    """What everyone is told of a workshop."""

    CREATED = "workshop.created"
    UPDATED = "workshop.updated"


@dataclass(frozen=True, slots=True)
class Aftercare:
    """What follows a visit: whether reviews are asked for, and when the next service is due.

    By months, or by kilometres if those come first; in quiet hours (minutes after midnight by the
    customer's clock) nobody is reminded.
    """

    send_review_requests: bool = True
    schedule_reminders: bool = True
    reminder_months: int = DEFAULT_REMINDER_MONTHS
    reminder_kilometres: int | None = None
    quiet_hours: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """How a workshop wants to be booked; limits count the bookings of a day, cancelled ones aside.

    Cars are dropped off and picked up while it is open, and within these hours if it has any.
    Until `notice` before drop-off customers may cancel or ask for another time, without it always.
    """

    lead_time: timedelta = timedelta()
    horizon: timedelta = MAX_AHEAD
    daily_limit: int | None = None
    category_limits: Mapping[Category, int] = field(default_factory=dict)
    drop_off_hours: Hours | None = None
    pick_up_hours: Hours | None = None
    notice: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What a workshop's owner says of it; `slot_minutes` is the grid on which slots are offered.

    `region` is the state or province in its country (ISO 3166-2); `embed_origins` are the sites
    that may frame its booking page.
    """

    name: str
    time_zone: str
    country: str
    hours: Hours
    region: str | None = None
    email: str | None = None
    phone: str | None = None
    slot_minutes: int = DEFAULT_STEP
    aftercare: Aftercare = field(default_factory=Aftercare)
    rules: Rules = field(default_factory=Rules)
    embed_origins: tuple[str, ...] = ()


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

    def schedule(
        self, closures: tuple[Closure, ...], special_days: tuple[SpecialDay, ...] = ()
    ) -> Schedule:
        """Say when it can take a car."""
        step = timedelta(minutes=self.profile.slot_minutes)
        return Schedule(self.zone, self.profile.hours, step, closures, special_days)


@dataclass(frozen=True, slots=True)
class WorkshopEvent:
    """A workshop as it stands after a change, and the days that aren't as their weekday."""

    announcement: Announcement
    workshop: Workshop
    closures: tuple[Closure, ...] = ()
    special_days: tuple[SpecialDay, ...] = ()


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


def told_again(workshop: Workshop) -> tuple[Workshop, WorkshopEvent]:
    """Tell of days that are otherwise now, though nothing of the workshop itself is."""
    again = replace(workshop, sequence=workshop.sequence + 1)
    return again, WorkshopEvent(Announcement.UPDATED, again)


class NotOfThisKind(ValueError):
    """Skills of what isn't a technician, or a capacity of what isn't courtesy; `field` is which."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Facility:
    """What a workshop says of a resource; none that is out of service is given to new bookings.

    `capacity` is how many customers a day courtesy is for.
    """

    kind: Kind
    name: str
    skills: tuple[str, ...] = ()
    capacity: int | None = None
    in_service: bool = True

    def __post_init__(self) -> None:
        if self.skills and self.kind is not Kind.TECHNICIAN:
            raise NotOfThisKind("skills", "only a technician has skills")
        if (self.capacity is not None) != (self.kind is Kind.COURTESY):
            raise NotOfThisKind("capacity", "courtesy has a capacity a day, and nothing else has")


@dataclass(frozen=True, slots=True)
class Resource:
    """One bay, technician or loan car, or some courtesy."""

    id: str
    workshop_id: str
    facility: Facility
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
    """What a workshop says of a service that it offers; `code` is unique within the workshop.

    `resources` are needed besides a bay; a technician is, too, who has all the `skills`. For the
    buffers, the bay and the technician are kept free before drop-off and after the work.
    """

    code: str
    title: str
    category: Category
    duration: timedelta
    cost: Cost | None = None
    icon: str | None = None
    colour: str | None = None
    buffer_before: timedelta = timedelta()
    buffer_after: timedelta = timedelta()
    resources: tuple[Kind, ...] = ()
    skills: tuple[str, ...] = ()
    daily_limit: int | None = None


@dataclass(frozen=True, slots=True)
class CatalogService:
    """A service in a workshop's catalog."""

    id: str
    workshop_id: str
    offer: Offer
    created_at: datetime
