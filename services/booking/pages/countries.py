"""The countries that cars are registered in, by their names in a language."""

from __future__ import annotations

import re
from functools import cache

from babel import Locale

_CODE = re.compile(r"[A-Z]{2}")
_NO_COUNTRIES = {"EU", "EZ", "UN", "ZZ", "XA", "XB", "QO"}


@cache
def named(language: str) -> tuple[tuple[str, str], ...]:
    """List codes (ISO 3166-1) and names, by name."""
    territories = Locale.parse(language).territories
    found = [
        (code, name)
        for code, name in territories.items()
        if _CODE.fullmatch(code) and code not in _NO_COUNTRIES
    ]
    return tuple(sorted(found, key=lambda each: each[1]))
