"""Opening hours: local wall time, a week long, and the moments that they are on a given day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From one local wall time to another, in minutes after midnight; 1440 is its end."""

    opens: int
    closes: int


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """From one moment to another, in UTC, the end not included."""

    start: datetime
    end: datetime


Hours = Mapping[str, tuple[Span, ...]]
"""Spans by weekday (`mon` to `sun`); a day without any is closed."""


class NotASchedule(ValueError):
    """Spans that overlap, or close before they open."""


def spans(pairs: Iterable[Span]) -> tuple[Span, ...]:
    """Put a day's spans in order; raises NotASchedule."""
    ordered = tuple(sorted(pairs))
    for span in ordered:
        if not 0 <= span.opens < span.closes <= DAY_MINUTES:
            raise NotASchedule("a span closes after it opens, on the same day")
    for earlier, later in pairwise(ordered):
        if later.opens < earlier.closes:
            raise NotASchedule("a day's spans must not overlap")
    return ordered


def on(hours: Hours, day: date) -> tuple[Span, ...]:
    """Return the spans of a day by its weekday."""
    return hours.get(WEEKDAYS[day.weekday()], ())


def moments(day: date, open_spans: Iterable[Span], zone: ZoneInfo) -> list[Interval]:
    """Turn a day's spans into the moments at which the local clock shows a time within them.

    A span within an hour that the clock skips has none; one within an hour that it shows twice
    has both.
    """
    found: list[Interval] = []
    for offset, since, until in _offsets(day, zone):
        for span in open_spans:
            start = max(_wall(day, span.opens) - offset, since)
            end = min(_wall(day, span.closes) - offset, until)
            if start < end:
                found.append(Interval(start.replace(tzinfo=UTC), end.replace(tzinfo=UTC)))
    return merged(found)


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """Join intervals that touch."""
    joined: list[Interval] = []
    for interval in sorted(intervals):
        if joined and interval.start <= joined[-1].end:
            joined[-1] = Interval(joined[-1].start, max(joined[-1].end, interval.end))
        else:
            joined.append(interval)
    return joined


def _wall(day: date, minutes: int) -> datetime:
    return datetime.combine(day, time()) + timedelta(minutes=minutes)


def _offsets(day: date, zone: ZoneInfo) -> Iterator[tuple[timedelta, datetime, datetime]]:
    """List the offsets that hold on a day, each with the UTC moments between which it does."""
    midnight = datetime.combine(day, time())
    # Wherever on Earth: local midnight comes 14 h before UTC's at the earliest, 12 h after it at
    # the latest.
    since, until = midnight - timedelta(hours=14), midnight + timedelta(hours=36)
    before, after = _offset(since, zone), _offset(until, zone)
    if before == after:
        yield before, since, until
        return
    low, high = since, until
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        low, high = (middle, high) if _offset(middle, zone) == before else (low, middle)
    yield before, since, high
    yield after, high, until


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    offset = moment.replace(tzinfo=UTC).astimezone(zone).utcoffset()
    return offset if offset is not None else timedelta()
