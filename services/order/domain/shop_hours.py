"""How much of a time a workshop was open: local wall time, right across changes of the clock."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class ShopHours:
    """Spans by weekday, in minutes after local midnight (1440 is the day's end), and the zone.

    A closure, from one local day to another, goes before a special day's spans, and those before
    the week's.
    """

    zone: ZoneInfo
    week: Mapping[str, Spans]
    special_days: Mapping[date, Spans] = field(default_factory=dict, hash=False)
    closures: tuple[tuple[date, date], ...] = ()

    def open_between(self, start: datetime, end: datetime) -> timedelta:
        """Sum the time in which the local clock showed a time within a span."""
        return sum((until - since for since, until in self.times(start, end)), timedelta())

    def times(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """List when the local clock showed a time within a span: from, and up to."""
        for since, until, offset in _even(start, end, self.zone):
            for opens, closes in self._open_on_clock(since + offset, until + offset):
                yield opens - offset, closes - offset

    def _open_on_clock(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        midnight = datetime.combine(start.date(), time(), start.tzinfo)
        while midnight < end:
            for opens, closes in self._on(midnight.date()):
                since = max(start, midnight + timedelta(minutes=opens))
                until = min(end, midnight + timedelta(minutes=closes))
                if since < until:
                    yield since, until
            midnight += DAY

    def _on(self, day: date) -> Spans:
        if any(first <= day <= last for first, last in self.closures):
            return ()
        usual = self.week.get(WEEKDAYS[day.weekday()], ())
        return self.special_days.get(day, usual)


class SummedHours:
    """A period's shop hours, summed up once: a stay within it costs two look-ups, however long."""

    def __init__(self, hours: ShopHours, start: datetime, end: datetime) -> None:
        self._opens: list[datetime] = []
        self._times: list[tuple[datetime, datetime, timedelta]] = []
        before = timedelta()
        for opens, closes in sorted(hours.times(start, end)):
            self._opens.append(opens)
            self._times.append((opens, closes, before))
            before += closes - opens

    def open_between(self, start: datetime, end: datetime) -> timedelta:
        """Sum the time as `ShopHours` does, between two moments of the period."""
        return self._until(end) - self._until(start)

    def _until(self, moment: datetime) -> timedelta:
        place = bisect_right(self._opens, moment)
        if not place:
            return timedelta()
        opens, closes, before = self._times[place - 1]
        return before + min(moment, closes) - opens


def _even(
    start: datetime, end: datetime, zone: ZoneInfo
) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """Cut a time where the zone's offset changes; no zone changes it twice within a day."""
    while start < end:
        offset, until = _offset(start, zone), min(start + DAY, end)
        if _offset(until, zone) != offset:
            low, high = start, until
            while high - low > SECOND:
                middle = low + (high - low) / 2
                low, high = (middle, high) if _offset(middle, zone) == offset else (low, middle)
            until = high.replace(microsecond=0)
        yield start, until, offset
        start = until


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()
