"""Until when an event is worth telling: what comes too late is dropped, and says so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

USEFUL_FOR: Mapping[str, timedelta] = {"reminder.due": timedelta(days=1)}
"""By type: how long after it happened. What isn't named here is told however late."""


def deadline_of(event_type: str, time: datetime) -> datetime | None:
    """Say until when an event that happened at this time may be sent; None: for ever."""
    useful_for = USEFUL_FOR.get(event_type)
    return None if useful_for is None else time + useful_for
