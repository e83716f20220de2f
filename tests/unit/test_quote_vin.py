"""What a VIN adds to a request, and what it contradicts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.quote.domain import makers, vin
from services.quote.domain.vehicle import Vehicle, VehicleClass

ACCORD = "1HGCM82633A004352"
GOLF = "WVWZZZ1JZ3W386752"
TRANSPORTER = "WV1ZZZ7HZ8H000001"
TESLA = "5YJSA1E26HF000337"
MG = "LSJA24U98PS000001"


@pytest.mark.parametrize(
    ("number", "make", "year", "vehicle_class"),
    [
        (ACCORD, "Honda", 2003, VehicleClass.ANY),
        (TESLA, "Tesla", 2017, VehicleClass.ANY),
        (MG, "SAIC MG", 2023, VehicleClass.ANY),
        (GOLF, "Volkswagen", None, VehicleClass.ANY),  # no law says where its year would be
        (TRANSPORTER, "Volkswagen Commercial Vehicles", None, VehicleClass.VAN),
        ("ZZZZZZZZZZZZZZZZZ", None, None, VehicleClass.ANY),
    ],
)
def test_a_vin_fills_what_was_left_out(
    number: str, make: str | None, year: int | None, vehicle_class: VehicleClass
) -> None:
    made = vin.completed(Vehicle(number), 2026)
    assert (made.make, made.year, made.vehicle_class) == (make, year, vehicle_class)
    assert [doubt.code for doubt in vin.doubts(made, 2026)] in ([], ["doubtful-check-digit"])


def test_what_was_given_stays() -> None:
    given_ = Vehicle(TRANSPORTER, make="VW", year=2009, vehicle_class=VehicleClass.SUV)
    assert vin.completed(given_, 2026) == given_


@pytest.mark.parametrize(
    ("vehicle", "field", "suggestion"),
    [
        (Vehicle(ACCORD, make="Audi"), "make", "Honda"),
        (Vehicle(ACCORD, year=2019), "year", "2003"),
        (Vehicle(TRANSPORTER, vehicle_class=VehicleClass.SMALL), "vehicle_class", "van"),
    ],
)
def test_a_contradiction_is_told_with_what_the_vin_says(
    vehicle: Vehicle, field: str, suggestion: str
) -> None:
    found = [doubt for doubt in vin.doubts(vehicle, 2026) if doubt.code == "contradicts-vin"]
    assert [(doubt.pointer, doubt.suggestion) for doubt in found] == [
        (f"/vehicle/{field}", suggestion)
    ]


@pytest.mark.parametrize(
    "vehicle",
    [
        Vehicle(ACCORD, make="HONDA", year=2004),
        Vehicle(ACCORD, make="Acura"),
        Vehicle(GOLF, make="VW", year=1998),
        Vehicle(TRANSPORTER, make="volkswagen", vehicle_class=VehicleClass.VAN),
    ],
)
def test_another_name_for_the_same_is_no_contradiction(vehicle: Vehicle) -> None:
    assert "contradicts-vin" not in {doubt.code for doubt in vin.doubts(vehicle, 2026)}


@pytest.mark.parametrize(
    ("registered", "name"),
    [
        ("Daimler AG (Sprinter)", "Daimler AG"),
        ("Tesla Motors USA", "Tesla Motors"),
        ("Opel/Vauxhall", "Opel"),
        ("Ford of Europe", "Ford"),
        ("Škoda", "Škoda"),
    ],
)
def test_a_makers_name_is_what_people_call_it(registered: str, name: str) -> None:
    assert makers.short(registered) == name
    assert makers.alike(registered, name)


@given(st.text("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", min_size=17, max_size=17), st.data())
def test_what_a_vin_says_never_contradicts_it(number: str, data: st.DataObject) -> None:
    this_year = data.draw(st.integers(2026, 2040))
    made = vin.completed(Vehicle(number), this_year)
    assert made.year is None or made.year <= this_year + 1
    assert "contradicts-vin" not in {doubt.code for doubt in vin.doubts(made, this_year)}
    assert vin.completed(replace(made), this_year) == made
