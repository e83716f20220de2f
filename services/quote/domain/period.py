"""Periods in which things hold: from a first moment to just before a last, both optional."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

Period = tuple[str, datetime | None, datetime | None]
"""What holds, from when, and until when."""


def first_overlap(periods: Sequence[Period]) -> tuple[int, int] | None:
    """Find two periods of one thing that have a moment in common, by their places."""

    def begins(place: int) -> tuple[str, bool, datetime | None]:
        what, starts, _ = periods[place]
        return what, starts is not None, starts

    for one, other in pairwise(sorted(range(len(periods)), key=begins)):
        (what, _, ends), (same, starts, _) = periods[one], periods[other]
        if what == same and (starts is None or ends is None or starts < ends):
            return one, other
    return None
