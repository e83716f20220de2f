"""What may be booked, worked out minute by minute and booking by booking, without any cleverness.

Everything happens on multiples of `TICK`; the clock on the wall is asked about each of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

TICK = timedelta(minutes=15)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Spans = list[list[str]]
Week = dict[str, Spans]


@dataclass
class Kept:
    """What one booking keeps: a resource, from one moment to another."""

    resource: str
    start: datetime
    end: datetime


@dataclass
class Basket:
    """What is asked for, as the catalog says."""

    work: timedelta
    before: timedelta
    after: timedelta
    skills: set[str]
    technician: bool
    loan_car: bool
    counts_as: set[str]


@dataclass
class Brute:
    """One workshop, as a person with a calendar on paper would know it."""

    zone: ZoneInfo
    step: timedelta
    week: Week
    now: datetime
    special: dict[date, Spans] = field(default_factory=dict)
    closed: set[date] = field(default_factory=set)
    drop_off: Week | None = None
    pick_up: Week | None = None
    lead: timedelta = timedelta()
    horizon: timedelta = timedelta(days=731)
    limits: dict[str, int] = field(default_factory=dict)
    bays: list[str] = field(default_factory=list)
    technicians: dict[str, set[str]] = field(default_factory=dict)
    loan_cars: list[str] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    used: dict[tuple[date, str], int] = field(default_factory=dict)

    def offered(self, first: date, last: date, basket: Basket) -> set[datetime]:
        """List every drop-off from one date to another that nothing stands in the way of."""
        return {at for at in self.ticks(first, last) if self.may_book(at, basket)}

    def ticks(self, first: date, last: date) -> Iterator[datetime]:
        """List all ticks whose date on the wall is one of these."""
        at = datetime(first.year, first.month, first.day, tzinfo=self.now.tzinfo)
        at -= timedelta(hours=15)
        while at.astimezone(self.zone).date() <= last:
            if at.astimezone(self.zone).date() >= first:
                yield at
            at += TICK

    def may_book(self, at: datetime, basket: Basket) -> bool:
        """Say whether a car may be dropped off at a tick."""
        end = at + basket.work
        return (
            self.now < at <= self.now + self.horizon
            and at >= self.now + self.lead
            and all(self.is_open(tick) for tick in _between(at, end))
            and self._since_the_span_began(at) % self.step == timedelta()
            and self._within(self.drop_off, at)
            and self.pick_up_at(end) is not None
            and self._has_room(at, basket)
            and self._has_all(at, end, basket)
        )

    def is_open(self, tick: datetime) -> bool:
        """Look at the clock on the wall."""
        wall = tick.astimezone(self.zone)
        return wall.date() not in self.closed and _holds(self._spans(wall.date()), wall)

    def pick_up_at(self, end: datetime) -> datetime | None:
        """Wait until the car can be picked up; a door that closes this moment is still open."""
        tick = end
        while tick - end <= timedelta(days=14):
            for look in (tick, tick - TICK):
                if self.is_open(look) and self._within(self.pick_up, look):
                    return tick
            tick += TICK
        return None

    def book(self, at: datetime, basket: Basket, given: dict[str, str | None]) -> None:
        """Write a booking down with what it was given."""
        end = at + basket.work
        for resource in (given["bay_id"], given["technician_id"]):
            if resource:
                self.kept.append(Kept(resource, at - basket.before, end + basket.after))
        pick_up = self.pick_up_at(end)
        if given["loan_car_id"] and pick_up:
            self.kept.append(Kept(given["loan_car_id"], at, pick_up))
        day = at.astimezone(self.zone).date()
        for key in basket.counts_as:
            self.used[day, key] = self.used.get((day, key), 0) + 1

    def _has_room(self, at: datetime, basket: Basket) -> bool:
        day = at.astimezone(self.zone).date()
        return all(
            self.used.get((day, key), 0) < limit
            for key, limit in self.limits.items()
            if key in basket.counts_as
        )

    def _has_all(self, at: datetime, end: datetime, basket: Basket) -> bool:
        start, until = at - basket.before, end + basket.after
        pick_up = self.pick_up_at(end)
        skilled = [name for name, can in self.technicians.items() if basket.skills <= can]
        return (
            any(self._is_free(bay, start, until) for bay in self.bays)
            and (not basket.technician or any(self._is_free(t, start, until) for t in skilled))
            and (
                not basket.loan_car
                or any(pick_up and self._is_free(car, at, pick_up) for car in self.loan_cars)
            )
        )

    def _is_free(self, resource: str, start: datetime, end: datetime) -> bool:
        return not any(
            each.resource == resource and each.start < end and start < each.end
            for each in self.kept
        )

    def _spans(self, day: date) -> Spans:
        return self.special.get(day, self.week.get(WEEKDAYS[day.weekday()], []))

    def _within(self, week: Week | None, tick: datetime) -> bool:
        wall = tick.astimezone(self.zone)
        return week is None or _holds(week.get(WEEKDAYS[wall.weekday()], []), wall)

    def _since_the_span_began(self, at: datetime) -> timedelta:
        """Walk back while it was open, on the same date and so perhaps within the same span."""
        began, day = at, at.astimezone(self.zone).date()
        while self.is_open(began - TICK) and (began - TICK).astimezone(self.zone).date() == day:
            began -= TICK
        return at - began


def _between(start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        yield start
        start += TICK


def _holds(spans: Spans, wall: datetime) -> bool:
    return any(opens <= f"{wall:%H:%M}" < closes for opens, closes in spans)
