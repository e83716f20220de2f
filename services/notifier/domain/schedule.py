"""When a delivery is tried again, and when that ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

RETRIES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=10),
)

MAX_JITTER = 0.1
"""How much longer than planned a wait may get, so that an outage's retries don't come at once."""


def wait_after(
    failures: int,
    schedule: Sequence[timedelta],
    jitter: float,
    asked: timedelta | None = None,
) -> timedelta | None:
    """Say how long to wait after so many failures; None when no try is left.

    `jitter` is a random number from 0 to 1. `asked` is the receiver's `Retry-After`: it may
    lengthen a wait, up to the longest of the schedule, and never shortens one.
    """
    if failures > len(schedule):
        return None
    planned = schedule[failures - 1] * (1 + MAX_JITTER * jitter)
    if asked is None:
        return planned
    return max(planned, min(asked, max(schedule)))


def asked_wait(retry_after: str | None, now: datetime) -> timedelta | None:
    """Read a `Retry-After` header, seconds or an HTTP date; what is neither is ignored."""
    if retry_after is None:
        return None
    try:
        if retry_after.strip().isdecimal():
            return timedelta(seconds=int(retry_after))
        return max(parsedate_to_datetime(retry_after) - now, timedelta(0))
    except (ValueError, TypeError, OverflowError):
        return None
