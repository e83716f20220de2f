"""When work would be done."""

from __future__ import annotations

from datetime import datetime, timedelta

WORKING_DAY = timedelta(hours=8)
HANDOVER = timedelta(days=1)
"""From payment to the vehicle being in the workshop."""


def completion(
    now: datetime, work: timedelta, waiting: timedelta, working_day: timedelta
) -> datetime:
    """Estimate when work that is ordered now would be done, in whole working days.

    `waiting` is what the workshop has to do before, `working_day` what it gets done a day.
    """
    return now + HANDOVER + timedelta(days=-(-(waiting + work) // working_day))
