"""When work would be done."""

from __future__ import annotations

from datetime import datetime, timedelta

WORKING_DAY = timedelta(hours=8)
HANDOVER = timedelta(days=1)
"""From payment to the vehicle being in the workshop."""


def completion(now: datetime, work: timedelta) -> datetime:
    """Estimate when work that is ordered now would be done, in whole working days."""
    return now + HANDOVER + timedelta(days=-(-work // WORKING_DAY))
