"""Public holidays where a workshop is: what it may want to close on, never what it does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.booking.domain.schedule import Schedule

YEARS = range(2000, 2100)
"""For which the rules of the holidays are worth asking."""


@dataclass(frozen=True, slots=True)
class Holiday:
    """A public holiday; `is_closed` tells whether the workshop has no hours then anyway."""

    day: date
    name: str
    is_closed: bool


class UnknownCountry(LookupError):
    """A country whose holidays nobody wrote down."""


class UnknownRegion(LookupError):
    """No region of the country; `known` lists those there are."""

    def __init__(self, known: tuple[str, ...]) -> None:
        self.known = known
        super().__init__("the country has no such region")


def own_region(country: str, code: str | None) -> str | None:
    """Return what a workshop's region (ISO 3166-2) is called among its country's.

    Some countries have no holidays by region, or none for this one: then it is theirs alone.
    """
    region = (code or "").removeprefix(f"{country}-")
    return region if region in _regions().get(country, ()) else None


def suggested(
    country: str, region: str | None, year: int, schedule: Schedule
) -> tuple[Holiday, ...]:
    """List a year's holidays, of the whole country or one region more.

    Raises UnknownCountry or UnknownRegion.
    """
    import holidays

    regions = _regions()
    if country not in regions:
        raise UnknownCountry(country)
    known = tuple(regions[country])
    if region is not None and region not in known:
        raise UnknownRegion(known)
    found = holidays.country_holidays(country, subdiv=region, years=year)
    return tuple(
        Holiday(day, name, is_closed=not schedule.spans(day)) for day, name in sorted(found.items())
    )


def _regions() -> dict[str, list[str]]:
    # Takes 0.2 s to import, which no start should wait for.
    import holidays

    return holidays.list_supported_countries(include_aliases=False)
