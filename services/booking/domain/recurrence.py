"""When something recurs: a subset of RFC 5545's RRULE, by the clock on the workshop's wall."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil import rrule

MAX_OCCURRENCES = 52
MAX_INTERVAL = 365
_FREQUENCIES = {"DAILY": rrule.DAILY, "WEEKLY": rrule.WEEKLY, "MONTHLY": rrule.MONTHLY}
_DAYS = {name: getattr(rrule, name) for name in ("MO", "TU", "WE", "TH", "FR", "SA", "SU")}
_PARTS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY"}


class NotARule(ValueError):
    """The text is no rule, or one with parts that aren't supported."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Every so many days, weeks or months, so many times or until a date (included)."""

    frequency: str
    interval: int = 1
    count: int | None = None
    until: date | None = None
    days: tuple[str, ...] = ()


def parse(text: str) -> Rule:
    """Read `FREQ=WEEKLY;INTERVAL=2;COUNT=10`; raises NotARule."""
    parts = dict(_part(each) for each in text.split(";"))
    if len(parts) != text.count(";") + 1 or parts.keys() - _PARTS:
        raise NotARule("each of FREQ, INTERVAL, COUNT, UNTIL and BYDAY once, and no other part")
    if parts.get("FREQ") not in _FREQUENCIES:
        raise NotARule("FREQ is DAILY, WEEKLY or MONTHLY")
    if ("COUNT" in parts) == ("UNTIL" in parts):
        raise NotARule("COUNT or UNTIL says when it ends")
    days = tuple(parts["BYDAY"].split(",")) if "BYDAY" in parts else ()
    if set(days) - _DAYS.keys() or (days and parts["FREQ"] != "WEEKLY"):
        raise NotARule("BYDAY names days, such as MO,TH, of a WEEKLY rule")
    return Rule(
        frequency=parts["FREQ"],
        interval=_number(parts.get("INTERVAL", "1"), MAX_INTERVAL),
        count=_number(parts["COUNT"], MAX_OCCURRENCES) if "COUNT" in parts else None,
        until=_date(parts["UNTIL"]) if "UNTIL" in parts else None,
        days=days,
    )


def occurrences(rule: Rule, first: datetime, zone: ZoneInfo) -> tuple[datetime, ...]:
    """List the moments, in UTC, at which the wall shows the time that it shows at the first.

    Raises NotARule for more than 52.
    """
    local = first.astimezone(zone).replace(tzinfo=None)
    found = rrule.rrule(
        _FREQUENCIES[rule.frequency],
        dtstart=local,
        interval=rule.interval,
        count=rule.count,
        until=datetime.combine(rule.until, time.max) if rule.until else None,
        byweekday=[_DAYS[day] for day in rule.days] or None,
    )
    listed = tuple(islice(found, MAX_OCCURRENCES + 1))
    if len(listed) > MAX_OCCURRENCES:
        raise NotARule(f"a series has {MAX_OCCURRENCES} bookings at the most")
    return tuple(each.replace(tzinfo=zone).astimezone(UTC) for each in listed)


def _part(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


def _number(text: str, most: int) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= most:
        return int(text)
    raise NotARule(f"INTERVAL goes to {MAX_INTERVAL}, COUNT to {MAX_OCCURRENCES}")


def _date(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise NotARule("UNTIL is a date, as 20271231") from None
