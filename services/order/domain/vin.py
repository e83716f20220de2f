"""What can be said of a VIN (ISO 3779)."""

from __future__ import annotations

import re

from vininfo import Vin

_FORM = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
# The first character names the region of the maker: 1 to 5 is North America, L is China.
_CHECK_DIGIT_IS_LAW = frozenset("12345L")
# Makers' codes that stand for one kind of vehicle alone. Quotes are priced by the same.
_CLASSES = {
    **dict.fromkeys(("WV1", "WV2", "W1V", "WDF", "WD3"), "van"),
    **dict.fromkeys(("XLR", "YS2", "YV2", "VF6", "WMA", "1FU", "1XK", "1XP"), "truck"),
}


def is_well_formed(vin: str) -> bool:
    """Tell whether this upper-case text could be a VIN."""
    return _FORM.fullmatch(vin) is not None


def has_wrong_check_digit(vin: str) -> bool:
    """Tell whether the check digit is wrong where the law demands a right one."""
    return vin[0] in _CHECK_DIGIT_IS_LAW and not Vin(vin).verify_checksum(check_year=False)


def vehicle_class(vin: str) -> str | None:
    """Tell which class of vehicle a VIN is of; few say so."""
    return _CLASSES.get(vin[:3])
