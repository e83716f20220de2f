"""Bookings that recur: a fleet's van, every four weeks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One of a series: the booking that was made, or the code and words of why none was."""

    drop_off_at: datetime
    booking_id: str | None = None
    code: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """What was asked for, and what came of it at that time; its bookings live on by themselves."""

    id: str
    partner_id: str
    workshop_id: str
    rule: str
    occurrences: tuple[Occurrence, ...]
    created_at: datetime
