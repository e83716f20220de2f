"""How often a client may fail to authenticate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

ALLOWED = 10
WINDOW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Failures:
    """Failures since the window began."""

    since: datetime
    count: int


def wait(failures: Failures | None, now: datetime) -> timedelta | None:
    """Tell how long to wait before the next try; None when it may be made now."""
    if failures is None or failures.count < ALLOWED:
        return None
    left = failures.since + WINDOW - now
    return left if left > timedelta() else None
