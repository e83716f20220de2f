"""Calendars that a workshop's people subscribe to: the workshop's own, or one resource's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.booking.domain.booking import Booking

BACK, AHEAD = timedelta(days=30), timedelta(days=180)
"""How far a calendar reaches, from today."""


@dataclass(frozen=True, slots=True)
class CalendarLink:
    """Who knows the secret reads the visits to a workshop, or those that one resource is given."""

    id: str
    workshop_id: str
    resource_id: str | None
    secret: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A visit, and when it was last changed by the wall's clock."""

    booking: Booking
    changed_at: datetime

    def until(self, resource_id: str | None) -> datetime:
        """Say when it is over: the work, or for a loan car its return."""
        had = self.booking.placement
        return had.pick_up_at if resource_id == had.loan_car_id is not None else had.ends_at


@dataclass(frozen=True, slots=True)
class Overview:
    """What a calendar shows: whose it is, and the ids and numbers of its visits by their drop-off.

    One that `is_cut` has no room for all: it shows the next ones first.
    """

    title: str
    time_zone: str
    resource_id: str | None
    since: date
    changed_at: datetime
    visits: tuple[tuple[str, int], ...]
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Agenda:
    """The same, with the visits themselves."""

    overview: Overview
    entries: tuple[Entry, ...]
