"""The cells of a rate card's file, none of which a spreadsheet takes for a formula."""

from __future__ import annotations

import re
from decimal import Decimal

from pydantic_core import PydanticCustomError

from shared.money import digits

COLUMNS = (
    "service",
    "workshop_id",
    "title",
    "rounding",
    "vehicle_class",
    "labour_hours",
    "hourly_rate",
    "parts",
    "sublet",
    "fees",
    "discount",
    "currency",
    "tax_rate",
    "own_tax",
    "by_person",
    "valid_from",
    "valid_until",
)
REQUIRED = frozenset({"service", "title", "labour_hours", "hourly_rate", "currency", "tax_rate"})
AMOUNTS = ("hourly_rate", "parts", "sublet", "fees", "discount")

_AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]{1,6})?")

# What a spreadsheet takes for the beginning of a formula, in their wide forms as well.
_TRIGGERS = "=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20"
_FORMULA = re.compile(f"'*[{_TRIGGERS}]")
_DISARMED = re.compile(f"'+[{_TRIGGERS}]")


def disarm(text: str) -> str:
    """Put an apostrophe before what would be a formula; `rearm` takes just that one away."""
    return f"'{text}" if _FORMULA.match(text) else text


def rearm(text: str) -> str:
    """Read a cell that was disarmed, or never had to be."""
    return text[1:] if _DISARMED.match(text) else text


def minor_units(cell: str, currency: str) -> int:
    """Read `145.00` in the minor units of its currency; raises PydanticCustomError."""
    if not _AMOUNT.fullmatch(cell):
        raise PydanticCustomError("not-an-amount", "Give an amount such as 145.00.")
    exact = Decimal(cell).scaleb(digits(currency))
    if exact != exact.to_integral_value():
        message = "The currency has no such small coin."
        raise PydanticCustomError("too-precise", message)
    return int(exact)
