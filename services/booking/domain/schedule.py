"""When a workshop is open: its hours, but for special days and closures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.booking.domain.hours import Hours, Span, on

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
class Schedule:
    """A workshop's hours, zone and closures; `step` is the grid on which slots are offered.

    A closure goes before a special day, and that before the week's hours.
    """

    zone: ZoneInfo
    hours: Hours
    step: timedelta
    closures: tuple[Closure, ...] = ()
    special_days: tuple[SpecialDay, ...] = ()

    def local_date(self, moment: datetime) -> date:
        """Return the workshop's date at a moment."""
        return moment.astimezone(self.zone).date()

    def spans(self, day: date) -> tuple[Span, ...]:
        """Return a day's hours; none when it is closed."""
        if any(closure.first_day <= day <= closure.last_day for closure in self.closures):
            return ()
        special = self._special(day)
        return on(self.hours, day) if special is None else special.spans

    def why(self, day: date) -> str | None:
        """Return what is said of why a day isn't as the week says."""
        for closure in self.closures:
            if closure.first_day <= day <= closure.last_day:
                return closure.reason
        special = self._special(day)
        return special.reason if special else None

    def _special(self, day: date) -> SpecialDay | None:
        return next((each for each in self.special_days if each.day == day), None)
