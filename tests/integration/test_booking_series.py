"""Bookings that recur: by the clock on the wall, each made or refused with its cause."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from infra.access import SigningKeys
from infra.booking import CAR, CUSTOMER, Booking, Json, booking_service
from infra.databases import MakeDatabase
from shared.ids import new_event_id

FLEET = {"service_category": "maintenance", "customer": CUSTOMER, "car": CAR}


@pytest_asyncio.fixture(scope="module")
async def booking(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Booking]:
    async with booking_service(module_database, keys) as made:
        yield made


async def test_each_visit_is_made_or_refused_with_its_cause(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop()
    partner = booking.partner()
    first = datetime.fromisoformat((await booking.starts(workshop_id, partner))[0])
    when = [(first + timedelta(weeks=n)).isoformat().replace("+00:00", "Z") for n in range(4)]
    day = {"from": booking.day(14), "to": booking.day(14)}
    await booking.post(f"/v1/workshops/{workshop_id}/closures", owner, **day)
    await booking.book(workshop_id, owner, drop_off_at=when[2])

    body = FLEET | {"workshop_id": workshop_id, "drop_off_at": when[0]}
    body |= {"rrule": "FREQ=WEEKLY;COUNT=4"}
    headers = partner | {"Idempotency-Key": new_event_id()}
    made = await booking.post("/v1/booking-series", headers, **body)
    each = made["occurrences"]
    assert [one["drop_off_at"] for one in each] == when
    assert [one["code"] for one in each] == [None, "closed", "no-bay", None]
    ids = [one["booking_id"] for one in each if one["booking_id"]]
    again = await booking.client.post("/v1/booking-series", json=body, headers=headers)
    assert again.json() == made

    path = f"/v1/booking-series/{made['id']}"
    assert (await booking.client.get(path, headers=partner)).json() == made
    query = {"series_id": made["id"]}
    listed = await booking.client.get("/v1/bookings", params=query, headers=partner)
    found: list[Json] = listed.json()["data"]
    assert [one["id"] for one in found] == ids[::-1]
    assert {(one["source"], one["series_id"]) for one in found} == {("series", made["id"])}
    for booking_id in ids:
        assert await booking.types(booking_id) == ["booking.created"]
    stranger = await booking.client.get(path, headers=booking.partner())
    assert stranger.status_code == 404


@pytest.mark.seed(73)
async def test_the_wall_shows_the_same_time_after_the_clocks_change(booking: Booking) -> None:
    workshop_id, _ = await booking.workshop(time_zone="Europe/Berlin")
    partner = booking.partner()
    year = booking.today.year + 1
    body = FLEET | {
        "workshop_id": workshop_id,
        "drop_off_at": f"{year}-03-15T09:00:00Z",
        "rrule": f"FREQ=WEEKLY;INTERVAL=2;UNTIL={year}0415",
    }
    made = await booking.post("/v1/booking-series", partner, **body)
    hours = [datetime.fromisoformat(one["drop_off_at"]) for one in made["occurrences"]]
    assert [at.astimezone(UTC).hour for at in hours] == [9, 8, 8]
    assert all(one["booking_id"] for one in made["occurrences"])


@pytest.mark.seed(63)
@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"rrule": "FREQ=HOURLY;COUNT=2"}, "/rrule", "not-a-rule"),
        ({"rrule": "FREQ=WEEKLY"}, "/rrule", "not-a-rule"),
        ({"rrule": "FREQ=WEEKLY;COUNT=2;UNTIL=20300101"}, "/rrule", "not-a-rule"),
        ({"rrule": "FREQ=WEEKLY;COUNT=53"}, "/rrule", "not-a-rule"),
        ({"rrule": "FREQ=DAILY;UNTIL=20990101"}, "/rrule", "not-a-rule"),
        ({"rrule": "FREQ=DAILY;COUNT=2;BYSETPOS=1"}, "/rrule", "not-a-rule"),
        ({"rrule": "FREQ=WEEKLY;COUNT=2;BYDAY=XX"}, "/rrule", "not-a-rule"),
        ({"rrule": "FREQ=WEEKLY;COUNT=2;UNTIL"}, "/rrule", "not-a-rule"),
        ({"external_reference": "dms-1"}, "/external_reference", "unknown-field"),
        ({"services": [{"catalog_id": "svc_00000000000000000000000000"}]}, None, None),
    ],
)
async def test_what_would_refuse_every_visit_refuses_the_series(
    booking: Booking, change: dict[str, Any], pointer: str | None, code: str | None
) -> None:
    workshop_id, _ = await booking.workshop()
    partner = booking.partner()
    body = await booking.visit(workshop_id, partner, rrule="FREQ=WEEKLY;COUNT=2") | change
    answer = await booking.client.post("/v1/booking-series", json=body, headers=partner)
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert pointer is None or (error["pointer"], error["code"]) == (pointer, code)
    assert (await booking.client.get("/v1/bookings", headers=partner)).json()["data"] == []
