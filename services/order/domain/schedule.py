"""When work begins, and when it should be done."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from services.order.domain.order import Order, ServiceEvent, Status, updated

WORKING_DAY = timedelta(hours=8)

_DURATION = re.compile(
    r"P(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)


class Begun(Exception):
    """Work that has begun, or ended, can't be put off to another day."""

    def __init__(self, order: Order) -> None:
        self.status = order.status
        super().__init__(f"the order is {order.status}")


def parsed(text: str) -> timedelta:
    """Read a duration of ISO 8601 in days, hours, minutes and seconds; raises ValueError."""
    found = _DURATION.fullmatch(text)
    if found is None or text in {"P", "PT"}:
        raise ValueError(f"{text!r} is no duration")
    return timedelta(**{unit: int(count or 0) for unit, count in found.groupdict().items()})


def written(duration: timedelta) -> str:
    """Write a duration to the minute, as ISO 8601 (`PT6H30M`)."""
    hours, minutes = divmod(int(duration.total_seconds()) // 60, 60)
    parts = f"{hours}H" * bool(hours) + f"{minutes}M" * bool(minutes or not hours)
    return f"PT{parts}"


def done_by(start_at: datetime, duration: timedelta) -> datetime:
    """Reckon when work that takes so long is done, at a working day's hours a day."""
    return start_at + timedelta(days=-(-duration // WORKING_DAY))


def reschedule(
    order: Order, start_at: datetime, reason: str | None
) -> tuple[Order, tuple[ServiceEvent, ...]]:
    """Put work that hasn't begun to another time; raises Begun."""
    waiting = order.status is Status.PENDING or (
        order.status is Status.DELAYED and order.delayed_from is Status.PENDING
    )
    if not waiting:
        raise Begun(order)
    takes = order.terms.estimated_duration
    done = done_by(start_at, parsed(takes)) if takes else order.estimated_completion_at
    moved = replace(
        order,
        terms=replace(order.terms, scheduled_at=start_at),
        estimated_completion_at=done,
    )
    return updated(order, moved, reason)
