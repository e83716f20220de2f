"""The vehicle that is quoted for, and what can be said of its VIN (ISO 3779)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from vininfo import Vin

_FORM = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
# The first character names the region of the maker: 1 to 5 is North America, L is China.
CHECKED = frozenset("12345L")
"""Where the law says what the check digit and the model year's character are."""


class VehicleClass(StrEnum):
    """How large the vehicle is, as rate cards tell them apart."""

    ANY = "any"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    SUV = "suv"
    VAN = "van"
    TRUCK = "truck"


class VinVerdict(StrEnum):
    """What became of a check: `DOUBTFUL` is to be warned of, not refused."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    MALFORMED = "malformed"
    WRONG_CHECK_DIGIT = "wrong-check-digit"


@lru_cache(maxsize=1024)
def judge_vin(vin: str) -> VinVerdict:
    """Judge an upper-case VIN by its form, and its check digit where the law demands one."""
    if not _FORM.fullmatch(vin):
        return VinVerdict.MALFORMED
    if Vin(vin).verify_checksum(check_year=False):
        return VinVerdict.GOOD
    if vin[0] in CHECKED:
        return VinVerdict.WRONG_CHECK_DIGIT
    return VinVerdict.DOUBTFUL


@dataclass(frozen=True, slots=True)
class Registration:
    """A number plate and the country that issued it."""

    plate: str
    country: str


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle; mileage in kilometres."""

    vin: str
    registration: Registration | None = None
    make: str | None = None
    model: str | None = None
    year: int | None = None
    mileage: int | None = None
    vehicle_class: VehicleClass = VehicleClass.ANY
