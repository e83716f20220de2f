"""When a workshop can take a car: its hours less its closures, and the slots that they leave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from services.booking.domain.hours import Hours, Interval, Span, merged, moments, on

DEFAULT_DURATION = timedelta(hours=1)
MAX_DURATION = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Closure:
    """Whole local days on which a workshop is closed, both ends included."""

    id: str
    workshop_id: str
    first_day: date
    last_day: date
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A local day with hours of its own, instead of its weekday's; without spans it is closed."""

    workshop_id: str
    day: date
    spans: tuple[Span, ...]
    reason: str | None = None

    @property
    def id(self) -> str:
        """Return what it goes by in paths and pages: its date."""
        return self.day.isoformat()


@dataclass(frozen=True, slots=True)
class Day:
    """A day as it is offered: its hours, and its slots from drop-off to pick-up."""

    date: date
    spans: tuple[Span, ...]
    slots: tuple[Interval, ...]


class Closed(Exception):
    """The workshop takes no cars that day at all."""


class OutsideHours(Exception):
    """The work would begin before the workshop opens, or end after it closes."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A workshop's hours, zone and closures; `step` is the grid on which slots are offered.

    A closure goes before a special day, and that before the week's hours.
    """

    zone: ZoneInfo
    hours: Hours
    step: timedelta
    closures: tuple[Closure, ...] = ()
    special: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)

    def local_date(self, moment: datetime) -> date:
        """Return the workshop's date at a moment."""
        return moment.astimezone(self.zone).date()

    def spans(self, day: date) -> tuple[Span, ...]:
        """Return a day's hours; none when it is closed."""
        if any(closure.first_day <= day <= closure.last_day for closure in self.closures):
            return ()
        return self.special.get(day, on(self.hours, day))

    def openings(self, first: date, last: date) -> list[Interval]:
        """Return the moments between which the workshop is open, over midnight where it is."""
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return merged(chain.from_iterable(moments(d, self.spans(d), self.zone) for d in days))

    def slots(self, first: date, last: date, duration: timedelta) -> Iterator[Interval]:
        """Offer the times from first to last day at which work of this length fits."""
        # One day more: work may begin before midnight and end after it.
        for opening in self.openings(first, last + timedelta(days=1)):
            start = opening.start
            while start + duration <= opening.end and self.local_date(start) <= last:
                yield Interval(start, start + duration)
                start += self.step

    def check(self, work: Interval) -> None:
        """See that the workshop is open for the whole work; raises Closed or OutsideHours."""
        day = self.local_date(work.start)
        if not self.spans(day):
            raise Closed
        open_then = self.openings(day, day + timedelta(days=1))
        if not any(each.start <= work.start and work.end <= each.end for each in open_then):
            raise OutsideHours
