"""How much a workshop may have, and which days and zones there are."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from sqlalchemy import text

from infra.access import SigningKeys
from infra.booking import Booking, booking_service, changed, refused
from infra.databases import MakeDatabase


@pytest_asyncio.fixture(scope="module")
async def booking(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Booking]:
    async with booking_service(module_database, keys) as made:
        yield made


CLOSE = text("""
INSERT INTO closures (id, workshop_id, first_day, last_day)
SELECT 'clo_' || :of || n, :of, day, day
FROM (SELECT n, CURRENT_DATE + 30 + n AS day FROM generate_series(1, :many) AS n) AS each
""")
SET_APART = text("""
INSERT INTO special_days (workshop_id, day, spans)
SELECT :of, CURRENT_DATE + 30 + n, '[]' FROM generate_series(1, :many) AS n
""")
FIT = text("""
INSERT INTO resources (id, workshop_id, kind, name, skills, in_service, created_at)
SELECT 'res_' || :of || n, :of, 'bay', 'One', '{}', true, now()
FROM generate_series(1, :many) AS n
""")


async def test_what_is_read_for_each_slot_has_bounds(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop(bays=1)
    path = f"/v1/workshops/{workshop_id}"
    async with booking.service.engine.begin() as connection:
        for fill, many in ((CLOSE, 999), (SET_APART, 1000), (FIT, 299)):
            await connection.execute(fill, {"of": workshop_id, "many": many})
    days = {"from": booking.day(8), "to": booking.day(8)}
    last = await booking.post(f"{path}/closures", owner, **days)
    one_more = await refused(booking, "POST", f"{path}/closures", owner, days)
    assert one_more[:2] == (409, "too-many-closures")
    reopened = await booking.client.delete(f"{path}/closures/{last['id']}", headers=owner)
    assert reopened.status_code == 204
    await booking.post(f"{path}/closures", owner, **days)

    special = f"{path}/special-days/{booking.day(9)}"
    assert (await refused(booking, "PUT", special, owner, {"hours": []}))[1] == (
        "too-many-special-days"
    )

    bay = {"kind": "bay", "name": "One"}
    assert (await refused(booking, "POST", f"{path}/resources", owner, bay))[1] == (
        "too-many-resources"
    )
    resources = (await booking.client.get(f"{path}/resources", headers=owner)).json()["data"]
    first, second = (f"{path}/resources/{each['id']}" for each in resources[:2])
    await changed(booking, first, owner, in_service=False)
    await booking.post(f"{path}/resources", owner, **bay)
    back = await refused(booking, "PATCH", first, owner, {"in_service": True})
    assert back[:2] == (409, "too-many-resources")
    await changed(booking, second, owner, name="Two")


async def test_days_of_no_calendar_are_refused_by_name(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop()
    path = f"/v1/workshops/{workshop_id}/availabilities"
    for day, code in (("0001-01-01", "out-of-range"), ("9999-12-31", "too-far-ahead")):
        answer = await booking.client.get(path, params={"from": day, "to": day}, headers=owner)
        assert answer.status_code == 422
        assert [each["code"] for each in answer.json()["errors"]] == [code]


async def test_a_zone_that_only_this_machine_knows_is_refused(booking: Booking) -> None:
    owner = booking.keys.headers("workshop")
    body = {"name": "One", "time_zone": "localtime", "country": "AU"}
    found = await refused(booking, "POST", "/v1/workshops", owner, body)
    assert found == (422, "invalid-request", [("/time_zone", "unknown-time-zone")])
