"""What a vehicle's odometer showed, visit by visit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

ROLLED_BACK = "odometer-rollback"
"""The warning that the odometer shows less than it did at an earlier visit."""

SHORTEST_SPAN = timedelta(days=14)
"""Two readings closer to each other say nothing of how much a car is driven."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Kilometres at a moment."""

    at: datetime
    kilometres: int


def warnings(before: Sequence[Reading], now: Reading | None) -> tuple[str, ...]:
    """Say what is odd about a reading, after those that were made before it."""
    if now is None:
        return ()
    earlier = [each.kilometres for each in before if each.at <= now.at]
    return (ROLLED_BACK,) if earlier and now.kilometres < max(earlier) else ()


def reaches(readings: Sequence[Reading], kilometres: int) -> datetime | None:
    """Foretell when a vehicle has gone so far, if its readings say how much it is driven."""
    if not readings:
        return None
    first, last = min(readings, key=_when), max(readings, key=_when)
    gone, took = last.kilometres - first.kilometres, last.at - first.at
    if gone <= 0 or took < SHORTEST_SPAN:
        return None
    try:
        return last.at + took * ((kilometres - last.kilometres) / gone)
    except OverflowError:  # a car that hardly moves: after the last year there is
        return None


def _when(reading: Reading) -> datetime:
    return reading.at
