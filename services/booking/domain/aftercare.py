"""What follows a visit: one request for a review, one reminder of the next service."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.booking.domain.booking import Booking, Place
from services.booking.domain.details import Car, Customer
from services.booking.domain.workshop import Aftercare


class Status(StrEnum):
    """Where a reminder stands."""

    SCHEDULED = "scheduled"
    DUE = "due"


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
    booking: Booking, aftercare: Aftercare, now: datetime, *, reminder_id: str, code: str
) -> tuple[Reminder | None, tuple[ReminderEvent, ...]]:
    """Plan the next service's reminder, unless the workshop or the booking says not to."""
    if not (aftercare.schedule_reminders and booking.schedule_reminder):
        return None, ()
    reminder = Reminder(
        id=reminder_id,
        partner_id=booking.partner_id,
        workshop=booking.workshop,
        booking_id=booking.id,
        status=Status.SCHEDULED,
        due_at=months_later(now, aftercare.reminder_months),
        code=code,
        customer=booking.details.customer,
        car=booking.details.car,
        created_at=now,
        skip_notification=booking.skip_notification,
        sequence=1,
    )
    return reminder, (ReminderEvent(Announcement.SCHEDULED, reminder),)


def fall_due(reminder: Reminder, now: datetime) -> tuple[Reminder, tuple[ReminderEvent, ...]]:
    """Tell of a reminder whose time has come; of one whose time hasn't, or has been, nothing."""
    if reminder.status is not Status.SCHEDULED or now < reminder.due_at:
        return reminder, ()
    due = replace(reminder, status=Status.DUE, sequence=reminder.sequence + 1)
    return due, (ReminderEvent(Announcement.DUE, due),)


def months_later(moment: datetime, months: int) -> datetime:
    """Go on by calendar months; from the 31st to the last day of a shorter month."""
    years, month = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + years, month + 1
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))
