"""Walk-ins that no hours allow for: the workshop writes down what happened, one to a bay."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from infra.access import SigningKeys
from infra.booking import EVERY_DAY, Booking, Headers, booking_service
from infra.databases import MakeDatabase


@pytest_asyncio.fixture(scope="module")
async def booking(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Booking]:
    async with booking_service(module_database, keys) as made:
        yield made


def at(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


async def come(
    booking: Booking, workshop_id: str, headers: Headers, when: datetime, **more: Any
) -> httpx.Response:
    body = {"drop_off_at": at(when), "source": "walk-in"} | more
    visit = await booking.visit(workshop_id, headers, **body)
    return await booking.client.post("/v1/bookings", json=visit, headers=headers)


@pytest.mark.seed(46, 63)
@pytest.mark.parametrize("hours", [{}, {day: [["00:00", "00:30"]] for day in EVERY_DAY}])
async def test_what_happened_outside_of_hours_is_kept_with_a_warning(
    booking: Booking, hours: dict[str, Any]
) -> None:
    """Never open, and so without a pick-up; or open for less than the hour that the work takes."""
    workshop_id, owner = await booking.workshop(time_zone="UTC", hours=hours)
    now = booking.clock.now().replace(microsecond=0)
    for headers in (booking.keys.headers("operator"), booking.partner()):
        refused = await come(booking, workshop_id, headers, now)
        assert refused.json()["code"] in {"workshop-closed", "outside-hours"}, refused.text
    unasked = await come(booking, workshop_id, owner, now + timedelta(minutes=1), source="api")
    assert unasked.json()["code"] in {"workshop-closed", "outside-hours"}

    to_come = await come(booking, workshop_id, owner, now + timedelta(minutes=20))
    assert to_come.json()["code"] in {"workshop-closed", "outside-hours"}
    made = await come(booking, workshop_id, owner, now)
    assert made.status_code == 201, made.text
    assert made.json()["warnings"] == ["outside-hours"]
    (created,) = await booking.events(made.json()["id"])
    assert created[2] == made.json()
    twice = await come(booking, workshop_id, owner, now + timedelta(minutes=10))
    assert (twice.status_code, twice.json()["code"]) == (409, "slot-taken")

    longer = {"services": [{"title": "Gearbox", "duration": "PT3H"}]}
    path = f"/v1/bookings/{made.json()['id']}"
    changed = await booking.client.patch(path, json=longer, headers=owner)
    assert (changed.status_code, changed.json()["warnings"]) == (200, ["outside-hours"])
    started = await booking.move(made.json(), owner, "processing", "done")
    assert started["warnings"] == ["outside-hours"]


async def test_within_hours_nothing_is_odd(booking: Booking) -> None:
    hours = {day: [["00:00", "24:00"]] for day in EVERY_DAY}
    workshop_id, owner = await booking.workshop(time_zone="UTC", hours=hours)
    made = await come(booking, workshop_id, owner, booking.clock.now().replace(microsecond=0))
    assert (made.status_code, made.json()["warnings"]) == (201, [])
