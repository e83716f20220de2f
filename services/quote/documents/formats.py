"""How values read on paper."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from babel.dates import format_datetime
from babel.numbers import format_currency, format_decimal
from pydantic import TypeAdapter

from shared.contracts.common import Amount, Vehicle
from shared.money import digits, whole

LOCALE = "en"
_DURATION = TypeAdapter(timedelta)


def money(amount: Amount) -> str:
    """Write an amount with its currency's code and decimals, as `AUD 1,234.50`."""
    # The decimals of ISO 4217: Babel's own are none for some that have two.
    pattern = f"¤¤\xa0#,##0.{'0' * digits(amount.currency)}".rstrip(".")
    exact = whole(amount.amount, amount.currency)
    return format_currency(exact, amount.currency, pattern, locale=LOCALE, currency_digits=False)


def moment(at: datetime) -> str:
    """Write a moment in UTC."""
    return f"{format_datetime(at, 'd MMM y, HH:mm', tzinfo=UTC, locale=LOCALE)} UTC"


def hours(duration: str) -> str:
    """Write an ISO 8601 duration in hours of work."""
    worked = Decimal(_DURATION.validate_python(duration) // timedelta(minutes=1)) / 60
    return f"{format_decimal(worked, '#,##0.##', locale=LOCALE)} h"


def vehicle(it: Vehicle) -> list[str]:
    """Describe a vehicle, a line for each thing that is known of it."""
    name = " ".join(str(part) for part in (it.year, it.make, it.model) if part)
    plate = it.registration and f"{it.registration.plate} ({it.registration.country})"
    distance = None if it.mileage is None else format_decimal(it.mileage, locale=LOCALE)
    lines = [name, it.vin and f"VIN {it.vin}", plate, distance and f"{distance} km"]
    return [line for line in lines if line]
