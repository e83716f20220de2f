"""How values read in a mail."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date
from babel.numbers import format_currency

from shared.contracts import ServiceV1
from shared.contracts.booking import Car
from shared.contracts.common import Amount, Vehicle
from shared.money import digits, whole

ENGLISH = "en"

_DAYS = {"en": "EEE dd MMM y", "de": "EEE dd. MMM y", "es": "EEE dd MMM y"}


def money(amount: Amount | None, language: str = ENGLISH) -> str | None:
    """Write an amount with the decimals its currency has (ISO 4217), as `AUD 1,234.50`."""
    if amount is None:
        return None
    # The decimals of ISO 4217: Babel's own are none for some that have two.
    pattern = f"¤¤ #,##0.{'0' * digits(amount.currency)}".rstrip(".")
    exact = whole(amount.amount, amount.currency)
    return format_currency(exact, amount.currency, pattern, locale=language, currency_digits=False)


def day(on: date | None, language: str = ENGLISH) -> str | None:
    """Write a day, as the issuer's calendar has it."""
    return None if on is None else format_date(on, _DAYS[language], locale=language)


def moment(at: datetime | None, language: str = ENGLISH) -> str | None:
    """Write a moment in UTC."""
    return None if at is None else f"{_written(at.astimezone(UTC), language)} UTC"


def local(at: datetime, zone: str, language: str = ENGLISH) -> str:
    """Write a moment as a workshop's clock shows it."""
    try:
        there = at.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        there = at.astimezone(UTC)
    return f"{_written(there, language)} ({there.tzname()})"


def _written(at: datetime, language: str) -> str:
    return f"{format_date(at, _DAYS[language], locale=language)}, {at:%H:%M}"


def page(url: str, language: str = ENGLISH) -> str:
    """Have a page that is paid on speak as the mail does that leads there."""
    return f"{url}{'&' if '?' in url else '?'}lang={language}"


def resumed(order: ServiceV1) -> bool:
    """Tell whether an order was delayed until now."""
    return any(each.field == "status" and each.before == "delayed" for each in order.changes)


def asking(order: ServiceV1) -> bool:
    """Tell whether somebody has to decide of work that was just found."""
    return any(
        each.field.startswith("supplements/") and each.after == "open" for each in order.changes
    )


def decided(order: ServiceV1) -> bool:
    """Tell whether a change, of nothing else that people wait for, decided of such work."""
    fields = [each.field for each in order.changes]
    return "status" not in fields and any(each.startswith("supplements/") for each in fields)


def rescheduled(order: ServiceV1) -> bool:
    """Tell whether work was put to another time."""
    return any(each.field == "scheduled_at" for each in order.changes)


def vehicle(it: Vehicle | Car | None, unknown: str = "your vehicle") -> str:
    """Name a vehicle by what is known of it."""
    if it is None:
        return unknown
    plate = it.registration.plate if it.registration else None
    name = " ".join(str(part) for part in (it.year, it.make, it.model) if part)
    sign = plate or it.vin
    return f"{name} ({sign})" if name and sign else name or sign or unknown
