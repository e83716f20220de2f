"""A booking's states and what leads from one to another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.booking.domain.details import Change, Details, changes
from services.booking.domain.obstacle import OVERLOOKED
from services.booking.domain.placement import Placement


class Status(StrEnum):
    """Where a booking stands."""

    PENDING = "pending"
    PROCESSING = "processing"
    DONE = "done"
    CANCELLED = "cancelled"


OPEN = frozenset({Status.PENDING, Status.PROCESSING})
"""The statuses in which a booking occupies its bay."""


class Action(StrEnum):
    """What can be done to a booking."""

    START = "start"
    FINISH = "finish"
    CANCEL = "cancel"


class Announcement(StrEnum):
    """What everyone is told of a booking."""

    CREATED = "booking.created"
    UPDATED = "booking.updated"
    CANCELLED = "booking.cancelled"
    COMPLETED = "booking.completed"


class Source(StrEnum):
    """How a booking came about; by a link is on the page, too, but on a partner's behalf."""

    API = "api"
    PAGE = "page"
    LINK = "link"
    WALK_IN = "walk-in"
    SERIES = "series"
    REMINDER = "reminder"


class Party(StrEnum):
    """On whose behalf a booking is changed: the customer's, by the partner, or the workshop's."""

    CUSTOMER = "customer"
    WORKSHOP = "workshop"


NO_SHOW = "no-show"
"""The reason with which a workshop cancels what nobody came to."""


TRANSITIONS: dict[tuple[Status, Action], tuple[Status, Announcement]] = {
    (Status.PENDING, Action.START): (Status.PROCESSING, Announcement.UPDATED),
    (Status.PENDING, Action.CANCEL): (Status.CANCELLED, Announcement.CANCELLED),
    (Status.PROCESSING, Action.FINISH): (Status.DONE, Announcement.COMPLETED),
    (Status.PROCESSING, Action.CANCEL): (Status.CANCELLED, Announcement.CANCELLED),
}

OPEN_TO_PARTNERS = frozenset({Action.CANCEL})
"""What the partner that made a booking may do to it; the rest is the workshop's."""


@dataclass(frozen=True, slots=True)
class Place:
    """The workshop of a booking, as far as a booking shows it; `account` is who runs it."""

    id: str
    account: str
    name: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Booking:
    """A visit to a workshop, and what is kept for it."""

    id: str
    partner_id: str
    workshop: Place
    status: Status
    placement: Placement
    details: Details
    created_at: datetime
    external_reference: str | None = None
    skip_notification: bool = False
    send_review_request: bool = True
    schedule_reminder: bool = True
    reason: str | None = None
    sequence: int = 0
    source: Source = Source.API
    series_id: str | None = None
    cancelled_by: Party | None = None
    customer_id: str | None = None
    reminder_id: str | None = None
    quote_id: str | None = None
    manage_url: str | None = None
    warnings: tuple[str, ...] = ()
    done_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether it occupies its bay."""
        return self.status in OPEN

    @property
    def drop_off_at(self) -> datetime:
        """Return when the car comes."""
        return self.placement.drop_off_at

    @property
    def ends_at(self) -> datetime:
        """Return when the work ends."""
        return self.placement.ends_at


@dataclass(frozen=True, slots=True)
class BookingEvent:
    """A booking as it stands after a change that is announced."""

    announcement: Announcement
    booking: Booking
    changes: tuple[Change, ...] = ()


class NotAllowed(Exception):
    """The booking's status has no such way on; `allowed` lists the statuses that it has."""

    def __init__(self, booking: Booking) -> None:
        self.status = booking.status
        self.allowed = allowed(booking.status)
        super().__init__(f"a booking that is {booking.status} can't do that")


def booked(booking: Booking) -> tuple[Booking, tuple[BookingEvent, ...]]:
    """Tell of a new booking."""
    first = replace(booking, sequence=1)
    return first, (BookingEvent(Announcement.CREATED, first),)


def allowed(status: Status) -> tuple[Status, ...]:
    """List where a booking can go from a status."""
    return tuple(to for (origin, _), (to, _) in TRANSITIONS.items() if origin is status)


def action_towards(booking: Booking, target: Status) -> Action:
    """Name the action that leads to a status; raises NotAllowed when none does."""
    for (origin, action), (to, _) in TRANSITIONS.items():
        if (origin, to) == (booking.status, target):
            return action
    raise NotAllowed(booking)


def act(
    booking: Booking, action: Action, *, reason: str | None = None, by: Party = Party.WORKSHOP
) -> tuple[Booking, tuple[BookingEvent, ...]]:
    """Move a booking on as the table says; raises NotAllowed when it says nothing."""
    if (booking.status, action) not in TRANSITIONS:
        raise NotAllowed(booking)
    status, announcement = TRANSITIONS[booking.status, action]
    moved = replace(
        booking,
        status=status,
        reason=reason,
        cancelled_by=by if status is Status.CANCELLED else None,
        sequence=booking.sequence + 1,
    )
    change = Change("status", booking.status, status)
    return moved, (BookingEvent(announcement, moved, (change,)),)


def amend(
    booking: Booking, details: Details, placement: Placement
) -> tuple[Booking, tuple[BookingEvent, ...]]:
    """Change what may be changed, and so perhaps what is kept for it."""
    if details == booking.details:
        return booking, ()
    amended = replace(booking, details=details, placement=placement, sequence=booking.sequence + 1)
    return amended, (
        BookingEvent(Announcement.UPDATED, amended, changes(booking.details, details)),
    )


def reschedule(booking: Booking, placement: Placement) -> tuple[Booking, tuple[BookingEvent, ...]]:
    """Move a visit that hasn't begun to another time; raises NotAllowed."""
    if booking.status is not Status.PENDING:
        raise NotAllowed(booking)
    if placement.drop_off_at == booking.drop_off_at:
        return booking, ()
    moved = replace(
        booking,
        placement=placement,
        warnings=tuple(each for each in booking.warnings if each != OVERLOOKED),
        sequence=booking.sequence + 1,
    )
    change = Change("drop_off_at", _utc(booking.drop_off_at), _utc(placement.drop_off_at))
    return moved, (BookingEvent(Announcement.UPDATED, moved, (change,)),)


def _utc(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
