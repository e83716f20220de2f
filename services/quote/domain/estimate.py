"""When work would be done."""

from __future__ import annotations

from datetime import datetime, timedelta

WORKING_DAY = timedelta(hours=8)
HANDOVER = timedelta(days=1)
"""From payment to the vehicle being in the workshop."""

FARTHEST = timedelta(days=3650)
"""Nobody waits longer: what queues up beyond it is more than any workshop does.

Without an end, some orders of thousands of hours would put all quotes of their workshop past the
last date that there is.
"""


def completion(
    now: datetime, work: timedelta, waiting: timedelta, working_day: timedelta
) -> datetime:
    """Estimate when work that is ordered now would be done, in whole working days.

    `waiting` is what the workshop has to do before, `working_day` what it gets done a day. It is
    ten years from now at the most.
    """
    days = -(-(waiting + work) // working_day)
    return now + min(HANDOVER + timedelta(days=days), FARTHEST)
