"""What makers are called, by registers and by people."""

from __future__ import annotations

import re
import unicodedata

_REST = re.compile(r"\s*[(/,].*$")
_TAILS = (
    {"argentina", "australia", "brazil", "canada", "china", "europe", "germany", "india", "mexico"}
    | {"poland", "spain", "thailand", "uk", "usa"}
    | {"cars", "company", "motor", "of", "otosan", "truck", "trucks"}
)
"""What follows the name in the register: a country, a kind of company."""

_SAME = (
    {"acura", "honda"},
    {"alpina", "bmw", "mini"},
    {"abarth", "alfa", "fiat", "lancia"},
    {"chrysler", "dodge", "fca", "jeep", "plymouth", "ram"},
    {"citroen", "ds", "peugeot"},
    {"cupra", "seat"},
    {"dacia", "renault"},
    {"daihatsu", "lexus", "scion", "toyota"},
    {"daimler", "daimlerchrysler", "maybach", "mercedes", "smart"},
    {"datsun", "infiniti", "nissan"},
    {"ford", "lincoln", "mercury"},
    {"fuji", "subaru"},
    {"genesis", "hyundai"},
    {"buick", "cadillac", "chevrolet", "chevy", "general", "gm", "gmc", "holden", "hummer"}
    | {"oldsmobile", "opel", "pontiac", "saturn", "vauxhall"},
    {"jaguar", "land", "range"},
    {"ldv", "maxus", "mg", "saic"},
    {"volkswagen", "vw"},
)
"""Names that go under one maker's code: a VIN can't tell them apart."""


def short(registered: str) -> str:
    """Shorten a maker's registered name to what people call it."""
    words = _REST.sub("", registered).split()
    while len(words) > 1 and words[-1].lower() in _TAILS:
        words.pop()
    return " ".join(words)


def alike(one: str, other: str) -> bool:
    """Tell whether two names may be the same maker's."""
    these, those = _words(one), _words(other)
    return bool(these & those) or any(these & same and those & same for same in _SAME)


def _words(name: str) -> set[str]:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return set(re.findall(r"[a-z0-9]+", plain)) - _TAILS
