"""What a VIN says of its vehicle, without asking anybody (ISO 3779, and what its register has)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from vininfo import Vin

from services.quote.domain import makers
from services.quote.domain.doubt import Doubt
from services.quote.domain.vehicle import (
    CHECKED,
    Vehicle,
    VehicleClass,
    VinVerdict,
    judge_vin,
)

_UNKNOWN = "UnsupportedBrand"
_CLASSES = {
    **dict.fromkeys(("WV1", "WV2", "W1V", "WDF", "WD3"), VehicleClass.VAN),
    **dict.fromkeys(("XLR", "YS2", "YV2", "VF6", "WMA", "1FU", "1XK", "1XP"), VehicleClass.TRUCK),
}
"""Makers' codes that stand for one kind of vehicle alone; few do."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """What the VIN says, as far as it says anything."""

    make: str | None
    year: int | None
    vehicle_class: VehicleClass | None


@lru_cache(maxsize=1024)
def decode(vin: str, this_year: int) -> Decoded:
    """Read a well-formed VIN; its year only where the law says which character that is."""
    known = Vin(vin)
    maker = known.manufacturer
    return Decoded(
        make=None if maker == _UNKNOWN else makers.short(maker),
        year=_year(known, this_year) if vin[0] in CHECKED else None,
        vehicle_class=_CLASSES.get(known.wmi),
    )


def _year(vin: Vin, this_year: int) -> int | None:
    years = [year for year in vin.years if year <= this_year + 1]
    if vin.num[0] != "L":
        # North America: the seventh character is a digit until 2009, and a letter from 2010 on.
        years = [year for year in years if (year >= 2010) == vin.num[6].isalpha()]
    return max(years, default=None)


def completed(vehicle: Vehicle, this_year: int) -> Vehicle:
    """Add what the VIN says, and nobody else did."""
    says = decode(vehicle.vin, this_year)
    told = vehicle.vehicle_class is not VehicleClass.ANY
    return replace(
        vehicle,
        make=vehicle.make or says.make,
        year=vehicle.year or says.year,
        vehicle_class=vehicle.vehicle_class if told else says.vehicle_class or VehicleClass.ANY,
    )


def doubts(vehicle: Vehicle, this_year: int) -> Iterator[Doubt]:
    """Tell where the vehicle isn't what its VIN says."""
    if judge_vin(vehicle.vin) is VinVerdict.DOUBTFUL:
        message = "The check digit doesn't match; it need not where this maker is, but look again."
        yield Doubt("/vehicle/vin", "doubtful-check-digit", message)
    says = decode(vehicle.vin, this_year)
    if says.make and vehicle.make and not makers.alike(says.make, vehicle.make):
        yield _contradiction("make", says.make)
    # A model's year begins in the one before, and cars are registered in the one after.
    if says.year and vehicle.year and abs(says.year - vehicle.year) > 1:
        yield _contradiction("year", str(says.year))
    named = vehicle.vehicle_class
    if says.vehicle_class and named not in {VehicleClass.ANY, says.vehicle_class}:
        yield _contradiction("vehicle_class", says.vehicle_class)


def _contradiction(field: str, says: str) -> Doubt:
    return Doubt(f"/vehicle/{field}", "contradicts-vin", f"By its VIN, it is {says}.", says)
