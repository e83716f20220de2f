"""When a workshop could take what is needed, by its hours and rules; who else comes, it ignores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from services.booking.domain.need import ANY, Need, of_category
from services.booking.domain.obstacle import Cause, Obstacle
from services.booking.domain.openings import Openings
from services.booking.domain.placement import Stay
from services.booking.domain.workshop import Rules


@dataclass(frozen=True, slots=True)
class Plan:
    """What is needed, against the openings of some days, as things are at a moment."""

    openings: Openings
    rules: Rules
    need: Need
    now: datetime

    def day_of(self, stay: Stay) -> date:
        """Return the workshop's date whose limits count a stay."""
        return self.openings.schedule.local_date(stay.drop_off_at)

    def starts(self, day: date, *, usual: bool = False) -> list[datetime]:
        """List when the slots of a day begin; `usual` adds when they would begin on a usual one."""
        found = set(self.openings.grid(day))
        if usual:
            found |= set(self.openings.usual_grid(day))
        return sorted(found)

    def stay(self, drop_off_at: datetime) -> Stay:
        """Say how long a car that is dropped off at a moment would stay."""
        ends_at = drop_off_at + self.need.duration
        return Stay(drop_off_at, ends_at, self.openings.next_pick_up(ends_at))

    def obstacles(self, stay: Stay) -> tuple[Obstacle, ...]:
        """List what stands in the way of a stay."""
        return tuple(self._obstacles(stay))

    def closed(self, day: date) -> Obstacle | None:
        """Say that a day has no hours at all, and why."""
        schedule = self.openings.schedule
        return None if schedule.spans(day) else Obstacle(Cause.CLOSED, schedule.why(day))

    def limits(self) -> dict[str, int]:
        """List the rules' limits that the need is under, a day."""
        rules = self.rules
        named = {of_category(category): limit for category, limit in rules.category_limits.items()}
        if rules.daily_limit is not None:
            named[ANY] = rules.daily_limit
        return {key: limit for key, limit in named.items() if key in self.need.counts_as}

    def _obstacles(self, stay: Stay) -> Iterator[Obstacle]:
        openings, start = self.openings, stay.drop_off_at
        if closed := self.closed(self.day_of(stay)):
            yield closed
        elif not openings.fits(start, stay.ends_at):
            yield Obstacle(Cause.OUTSIDE_HOURS)
        elif not openings.is_on_grid(start):
            yield Obstacle(Cause.OFF_GRID)
        elif not openings.takes_cars(start):
            yield Obstacle(Cause.OUTSIDE_DROP_OFF)
        elif stay.pick_up_at is None:
            yield Obstacle(Cause.NO_PICK_UP)
        if start <= self.now or start < self.now + self.rules.lead_time:
            yield Obstacle(Cause.TOO_SOON)
        if start > self.now + self.rules.horizon:
            yield Obstacle(Cause.TOO_FAR_AHEAD)
