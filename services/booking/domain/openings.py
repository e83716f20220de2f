"""A schedule spelled out in UTC for some days: when it is open, and takes and returns cars."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain

from services.booking.domain.hours import Hours, Interval, Span, merged, moments, on
from services.booking.domain.schedule import Schedule

PICK_UP_WITHIN = timedelta(days=14)
"""A car whose pick-up would be later than this after the work isn't taken."""

LOOKED_AHEAD = PICK_UP_WITHIN + timedelta(days=3)
"""Work may end two dates after its drop-off's, and the last pick-up be on another."""


@dataclass(frozen=True, slots=True)
class Openings:
    """Moments of some days; work that begins on them may end on those after."""

    schedule: Schedule
    by_day: Mapping[date, Sequence[Interval]]
    open: Sequence[Interval]
    drop_off: Sequence[Interval]
    pick_up: Sequence[Interval]

    @classmethod
    def of(
        cls,
        schedule: Schedule,
        first: date,
        last: date,
        drop_off_hours: Hours | None,
        pick_up_hours: Hours | None,
    ) -> Openings:
        """Spell out the days on which work may begin."""
        by_day = {
            day: moments(day, schedule.spans(day), schedule.zone)
            for day in _days(first, last + LOOKED_AHEAD)
        }

        def within(hours: Hours | None) -> list[Interval]:
            if hours is None:
                return merged(chain.from_iterable(by_day.values()))
            return merged(
                chain.from_iterable(
                    moments(day, _common(schedule.spans(day), on(hours, day)), schedule.zone)
                    for day in by_day
                )
            )

        everything = merged(chain.from_iterable(by_day.values()))
        return cls(schedule, by_day, everything, within(drop_off_hours), within(pick_up_hours))

    def grid(self, day: date) -> Iterator[datetime]:
        """List when the slots of a day begin, whether or not the work fits."""
        for opening in self.by_day[day]:
            yield from self._steps(opening)

    def usual_grid(self, day: date) -> Iterator[datetime]:
        """List when they would begin on a usual day, outside the hours that this one has."""
        schedule = self.schedule
        for opening in moments(day, on(schedule.hours, day), schedule.zone):
            for start in self._steps(opening):
                if not _holding(self.by_day[day], start):
                    yield start

    def is_on_grid(self, start: datetime) -> bool:
        """Tell whether a slot begins at a moment at which the workshop is open."""
        opening = _holding(self.by_day[self.schedule.local_date(start)], start)
        return opening is not None and (start - opening.start) % self.schedule.step == timedelta()

    def fits(self, start: datetime, end: datetime) -> bool:
        """Tell whether the workshop is open from one moment to another."""
        opening = _holding(self.open, start)
        return opening is not None and end <= opening.end

    def takes_cars(self, at: datetime) -> bool:
        """Tell whether cars are dropped off at a moment."""
        return _holding(self.drop_off, at) is not None

    def next_pick_up(self, after: datetime) -> datetime | None:
        """Return when a car that is ready can be picked up; closing time is the last moment."""
        place = bisect_right(self.pick_up, after, key=lambda each: each.end)
        before = self.pick_up[place - 1] if place else None
        if before is not None and before.end == after:
            return after
        if place == len(self.pick_up):
            return None
        at = max(after, self.pick_up[place].start)
        return at if at - after <= PICK_UP_WITHIN else None

    def _steps(self, opening: Interval) -> Iterator[datetime]:
        start = opening.start
        while start < opening.end:
            yield start
            start += self.schedule.step


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _common(some: Iterable[Span], others: Sequence[Span]) -> list[Span]:
    pairs = (
        Span(max(one.opens, other.opens), min(one.closes, other.closes))
        for one in some
        for other in others
    )
    return [span for span in pairs if span.opens < span.closes]


def _holding(openings: Sequence[Interval], moment: datetime) -> Interval | None:
    place = bisect_right(openings, moment, key=lambda each: each.start)
    found = openings[place - 1] if place else None
    return found if found is not None and moment < found.end else None
