"""A slot that is kept for a while, before anybody has said whose visit it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.booking.domain.booking import Booking, Place
from services.booking.domain.need import Job
from services.booking.domain.placement import Placement
from services.booking.domain.request import Visit, pending

MAX_AT_ONE_WORKSHOP = 20
"""Holds that one partner may have at one workshop at a time."""


class Status(StrEnum):
    """Where a hold stands."""

    HELD = "held"
    CONFIRMED = "confirmed"
    RELEASED = "released"
    EXPIRED = "expired"


class Action(StrEnum):
    """What ends a hold: each ends it for good, so that only the first does."""

    CONFIRM = "confirm"
    RELEASE = "release"
    EXPIRE = "expire"


TRANSITIONS: dict[tuple[Status, Action], Status] = {
    (Status.HELD, Action.CONFIRM): Status.CONFIRMED,
    (Status.HELD, Action.RELEASE): Status.RELEASED,
    (Status.HELD, Action.EXPIRE): Status.EXPIRED,
}


@dataclass(frozen=True, slots=True)
class Hold:
    """What is kept until `expires_at`, as the booking `booking_id` that it may become."""

    id: str
    booking_id: str
    partner_id: str
    workshop: Place
    status: Status
    job: Job
    placement: Placement
    expires_at: datetime

    def standing(self, now: datetime) -> Status:
        """Say where it stands at a moment, whether or not anybody has noted its end yet."""
        over = self.status is Status.HELD and now >= self.expires_at
        return Status.EXPIRED if over else self.status


class NotHeld(Exception):
    """The hold has ended; `status` says how."""

    def __init__(self, hold: Hold, status: Status) -> None:
        self.hold = hold
        self.status = status
        super().__init__(f"the hold is {status}")


class TooManyHolds(Exception):
    """As much is held at this workshop as may be, by the partner or by the page's visitors."""


def confirm(hold: Hold, visit: Visit, now: datetime) -> Booking:
    """Make the booking that a hold is kept for; raises NotHeld."""
    status = hold.standing(now)
    if (status, Action.CONFIRM) not in TRANSITIONS:
        raise NotHeld(hold, status)
    return pending(
        visit,
        visit.details(hold.job),
        booking_id=hold.booking_id,
        partner_id=hold.partner_id,
        workshop=hold.workshop,
        placement=hold.placement,
        now=now,
    )
