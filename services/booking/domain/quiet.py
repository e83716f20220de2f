"""Hours in which nobody wants to be told anything."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

Quiet = tuple[int, int]
"""From when until when, in minutes after local midnight; over midnight when it begins later."""


def after_quiet(moment: datetime, quiet: Quiet | None, zone: ZoneInfo) -> datetime:
    """Return the moment itself, or the end of the quiet hours that it falls into, in UTC."""
    if quiet is None:
        return moment
    since, until = quiet
    local = moment.astimezone(zone)
    minute = local.hour * 60 + local.minute
    over_midnight = since > until
    if not (minute >= since or minute < until if over_midnight else since <= minute < until):
        return moment
    day = local.date() + timedelta(days=int(over_midnight and minute >= since))
    end = datetime.combine(day, time(), zone) + timedelta(minutes=until)
    return end.astimezone(UTC)
