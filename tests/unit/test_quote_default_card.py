"""The rate card that ships with the product."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services.quote.domain.vehicle import VehicleClass
from services.quote.schemas.values import RESERVED

CARD: dict[str, Any] = json.loads(Path("services/quote/default_rate_card.json").read_text())
KINDS = {
    "detailing", "mechanical", "body", "paint", "interior", "tyres", "brakes", "suspension",
    "engine", "maintenance", "inspection",
}  # fmt: skip


@pytest.mark.seed(3)
def test_it_has_every_kind_of_work_for_every_class_of_vehicle() -> None:
    assert CARD["services"].keys() >= KINDS
    assert not CARD["services"].keys() & RESERVED
    for factor in ("labour_factor", "parts_factor"):
        assert set(CARD[factor]) == set(VehicleClass)


def test_its_times_are_those_of_a_day_in_a_workshop() -> None:
    for service, entry in CARD["services"].items():
        for factor in CARD["labour_factor"].values():
            hours = Decimal(entry["hours"]) * Decimal(factor)
            assert Decimal("0.4") <= hours <= 16, service


def test_a_larger_vehicle_is_no_cheaper() -> None:
    by_size = ["small", "medium", "large", "suv", "van", "truck"]
    for name in ("labour_factor", "parts_factor"):
        factors = [Decimal(CARD[name][size]) for size in by_size]
        assert factors == sorted(factors)
        assert CARD[name]["any"] == CARD[name]["medium"]
