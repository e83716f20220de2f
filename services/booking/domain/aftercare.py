"""What follows a visit: one request for a review, one reminder of the next service."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.booking.domain.booking import Booking, Place
from services.booking.domain.details import Car, Customer
from services.booking.domain.odometer import Reading, reaches
from services.booking.domain.workshop import Aftercare


class Status(StrEnum):
    """Where a reminder stands."""

    SCHEDULED = "scheduled"
    DUE = "due"
    REBOOKED = "rebooked"
    WITHHELD = "withheld"


class Announcement(StrEnum):
    """What everyone is told of a reminder."""

    SCHEDULED = "reminder.scheduled"
    DUE = "reminder.due"


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder of the next service; its code stands for it in links."""

    id: str
    partner_id: str
    workshop: Place
    booking_id: str | None
    status: Status
    due_at: datetime
    code: str
    customer: Customer
    car: Car | None
    created_at: datetime
    skip_notification: bool = False
    sequence: int = 0
    customer_id: str | None = None
    due_kilometres: int | None = None
    rebooking_id: str | None = None


@dataclass(frozen=True, slots=True)
class ReminderEvent:
    """A reminder as it stands after a change."""

    announcement: Announcement
    reminder: Reminder


@dataclass(frozen=True, slots=True)
class ReviewRequested:
    """The customer of a booking that is done is to be asked how it was."""

    booking: Booking


def ask_for_review(
    booking: Booking, aftercare: Aftercare
) -> tuple[Booking, tuple[ReviewRequested, ...]]:
    """Ask for a review of a finished visit, unless the workshop or the booking says not to."""
    if not (aftercare.send_review_requests and booking.send_review_request):
        return booking, ()
    asked = replace(booking, sequence=booking.sequence + 1)
    return asked, (ReviewRequested(asked),)


def remind(
    booking: Booking,
    aftercare: Aftercare,
    now: datetime,
    *,
    reminder_id: str,
    code: str,
    readings: Sequence[Reading] = (),
) -> tuple[Reminder | None, tuple[ReminderEvent, ...]]:
    """Plan the next service's reminder, unless the workshop or the booking says not to.

    The readings are the vehicle's, this visit's among them.
    """
    if not (aftercare.schedule_reminders and booking.schedule_reminder):
        return None, ()
    due_at = months_later(now, aftercare.reminder_months)
    mileage, further = booking.details.car.mileage, aftercare.reminder_kilometres
    due_kilometres = mileage + further if mileage is not None and further is not None else None
    by_mileage = reaches(readings, due_kilometres) if due_kilometres is not None else None
    reminder = Reminder(
        id=reminder_id,
        partner_id=booking.partner_id,
        workshop=booking.workshop,
        booking_id=booking.id,
        status=Status.SCHEDULED,
        due_at=max(now, min(due_at, by_mileage)) if by_mileage else due_at,
        code=code,
        customer=booking.details.customer,
        car=booking.details.car,
        created_at=now,
        skip_notification=booking.skip_notification,
        sequence=1,
        customer_id=booking.customer_id,
        due_kilometres=due_kilometres,
    )
    return reminder, (ReminderEvent(Announcement.SCHEDULED, reminder),)


def planned(reminder: Reminder) -> tuple[Reminder, tuple[ReminderEvent, ...]]:
    """Tell of a reminder that somebody asks for."""
    first = replace(reminder, sequence=1)
    return first, (ReminderEvent(Announcement.SCHEDULED, first),)


def fall_due(
    reminder: Reminder,
    now: datetime,
    *,
    not_before: datetime | None = None,
    accepted: bool = True,
) -> tuple[Reminder, tuple[ReminderEvent, ...]]:
    """Tell of a reminder whose time has come; of one whose time hasn't, or has been, nothing.

    `not_before` is the end of the quiet hours that it is now; one that the customer doesn't accept
    is withheld.
    """
    if reminder.status is not Status.SCHEDULED or now < reminder.due_at:
        return reminder, ()
    if not accepted:
        return replace(reminder, status=Status.WITHHELD), ()
    if not_before is not None and not_before > now:
        return replace(reminder, due_at=not_before), ()
    due = replace(reminder, status=Status.DUE, sequence=reminder.sequence + 1)
    return due, (ReminderEvent(Announcement.DUE, due),)


class AlreadyRebooked(Exception):
    """Another booking came of the reminder; `booking_id` is which."""

    def __init__(self, booking_id: str | None) -> None:
        self.booking_id = booking_id
        super().__init__("a booking came of this reminder already")


def rebook(reminder: Reminder, booking_id: str) -> Reminder:
    """Link the booking that came of a reminder; raises AlreadyRebooked."""
    if reminder.status is Status.REBOOKED:
        raise AlreadyRebooked(reminder.rebooking_id)
    return replace(reminder, status=Status.REBOOKED, rebooking_id=booking_id)


def months_later(moment: datetime, months: int) -> datetime:
    """Go on by calendar months; from the 31st to the last day of a shorter month."""
    years, month = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + years, month + 1
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))
