"""Where a visit has its place: what is kept for it, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Stay:
    """A car's stay at a workshop: dropped off, worked on until `ends_at`, and picked up."""

    drop_off_at: datetime
    ends_at: datetime
    pick_up_at: datetime | None
    """The first time at which it can be; None when there is none for long."""


@dataclass(frozen=True, slots=True)
class Placement:
    """What is kept for a stay.

    The bay and the technician from `kept_from` to `kept_until`, buffers included; the loan car from
    drop-off to pick-up. `day` is the workshop's date, whose limits count it under `counts_as`.
    """

    bay_id: str
    technician_id: str | None
    loan_car_id: str | None
    drop_off_at: datetime
    ends_at: datetime
    pick_up_at: datetime
    kept_from: datetime
    kept_until: datetime
    day: date
    counts_as: tuple[str, ...]
