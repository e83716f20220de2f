"""How values read in a mail."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.contracts import ServiceV1
from shared.contracts.booking import Car
from shared.contracts.common import Amount, Vehicle

_TWO_DECIMALS = 2
_DECIMALS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"), 0),
    **dict.fromkeys(("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


def money(amount: Amount | None) -> str | None:
    """Write an amount with the decimals its currency has (ISO 4217), as `AUD 1,234.50`."""
    if amount is None:
        return None
    places = _DECIMALS.get(amount.currency, _TWO_DECIMALS)
    return f"{amount.currency} {Decimal(amount.amount).scaleb(-places):,.{places}f}"


def moment(at: datetime | None) -> str | None:
    """Write a moment in UTC."""
    return None if at is None else f"{at.astimezone(UTC):%a %d %b %Y, %H:%M} UTC"


def local(at: datetime, zone: str) -> str:
    """Write a moment as a workshop's clock shows it."""
    try:
        there = at.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        there = at.astimezone(UTC)
    return f"{there:%a %d %b %Y, %H:%M} ({there.tzname()})"


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


def vehicle(it: Vehicle | Car | None) -> str:
    """Name a vehicle by what is known of it."""
    if it is None:
        return "your vehicle"
    plate = it.registration.plate if it.registration else None
    name = " ".join(str(part) for part in (it.year, it.make, it.model) if part)
    sign = plate or it.vin
    return f"{name} ({sign})" if name and sign else name or sign or "your vehicle"
