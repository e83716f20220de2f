"""Slots held for a while: confirmed, given back or expired, and one of these only."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
import pytest_asyncio

from infra.access import SigningKeys
from infra.booking import CAR, CUSTOMER, EVERYTHING, Booking, Headers, Json, booking_service
from infra.databases import MakeDatabase
from services.booking.domain.hold import MAX_AT_ONE_WORKSHOP
from services.booking.handlers.holds import expire_due
from shared.ids import new_id

WHO = {"customer": CUSTOMER, "car": CAR}
LASTING = timedelta(minutes=1)
RACERS = 100


@pytest_asyncio.fixture(scope="module")
async def booking(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Booking]:
    seconds = int(LASTING.total_seconds())
    async with booking_service(module_database, keys, hold_seconds=seconds) as made:
        yield made


async def slot(booking: Booking, workshop_id: str, headers: Headers, at: int = 0) -> Json:
    starts = await booking.starts(workshop_id, headers)
    what = {"workshop_id": workshop_id, "service_category": "maintenance"}
    return what | {"drop_off_at": starts[at]}


async def held(booking: Booking, workshop_id: str, headers: Headers) -> Json:
    return await booking.post("/v1/holds", headers, **await slot(booking, workshop_id, headers))


async def read(booking: Booking, hold: Json, headers: Headers) -> Json:
    answer = await booking.client.get(f"/v1/holds/{hold['id']}", headers=headers)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def refused(booking: Booking, headers: Headers, **body: object) -> tuple[int, str]:
    answer = await booking.client.post("/v1/bookings", json=body, headers=headers)
    return answer.status_code, answer.json()["code"]


@pytest.mark.seed(66)
async def test_a_hold_is_booked_as_it_was_held(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop()
    oil = await booking.service_of(workshop_id, owner)
    partner = booking.partner()
    asked = await slot(booking, workshop_id, partner) | {"services": [{"catalog_id": oil["id"]}]}
    hold = await booking.post("/v1/holds", partner, **asked)
    assert (hold["status"], hold["booking_id"]) == ("held", None)
    assert datetime.fromisoformat(hold["expires_at"]) - booking.clock.now() <= LASTING
    listed = await booking.client.get("/v1/bookings", headers=partner)
    assert listed.json()["data"] == []

    who = {name: value for name, value in EVERYTHING.items() if name != "external_reference"}
    made = await booking.post("/v1/bookings", partner, hold_id=hold["id"], **who)
    assert (made["status"], made["drop_off_at"]) == ("pending", hold["drop_off_at"])
    assert made["services"] == hold["services"]
    assert await booking.types(made["id"]) == ["booking.created"]
    now = await read(booking, hold, partner)
    assert (now["status"], now["booking_id"]) == ("confirmed", made["id"])

    again = await booking.client.post(
        "/v1/bookings", json=WHO | {"hold_id": hold["id"]}, headers=partner
    )
    assert (again.status_code, again.json()["code"]) == (409, "hold-confirmed")
    assert again.json()["booking_id"] == made["id"]
    path = f"/v1/holds/{hold['id']}"
    assert (await booking.client.delete(path, headers=partner)).status_code == 409


@pytest.mark.seed(36, 65)
async def test_a_hold_takes_its_slot_and_gives_it_back(booking: Booking) -> None:
    workshop_id, _ = await booking.workshop()
    partner, other = booking.partner(), booking.partner()
    asked = await slot(booking, workshop_id, partner)
    hold = await booking.post("/v1/holds", partner, **asked)
    assert asked["drop_off_at"] not in await booking.starts(workshop_id, other)
    assert await refused(booking, other, **asked, **WHO) == (409, "slot-taken")
    second = await booking.client.post("/v1/holds", json=asked, headers=other)
    assert (second.status_code, second.json()["code"]) == (409, "slot-taken")

    path = f"/v1/holds/{hold['id']}"
    assert (await booking.client.delete(path, headers=other)).status_code == 404
    for _ in range(2):
        assert (await booking.client.delete(path, headers=partner)).status_code == 204
    assert (await read(booking, hold, partner))["status"] == "released"
    assert await refused(booking, partner, hold_id=hold["id"], **WHO) == (409, "hold-released")
    await booking.post("/v1/bookings", other, **asked, **WHO)


@pytest.mark.seed(65, 66)
async def test_an_expired_hold_is_gone_before_anybody_notes_it(booking: Booking) -> None:
    workshop_id, _ = await booking.workshop()
    partner, other = booking.partner(), booking.partner()
    asked = await slot(booking, workshop_id, partner)
    hold = await booking.post("/v1/holds", partner, **asked)
    booking.clock.advance(LASTING)
    assert (await read(booking, hold, partner))["status"] == "expired"
    assert asked["drop_off_at"] in await booking.starts(workshop_id, other)
    assert await refused(booking, partner, hold_id=hold["id"], **WHO) == (409, "hold-expired")
    await booking.post("/v1/bookings", other, **asked, **WHO)
    late = {"hold_id": hold["id"], "retake_if_expired": True}
    assert await refused(booking, partner, **late, **WHO) == (409, "slot-taken")


@pytest.mark.seed(66)
async def test_who_confirms_too_late_may_have_the_slot_anew(booking: Booking) -> None:
    workshop_id, _ = await booking.workshop()
    partner = booking.partner()
    hold = await held(booking, workshop_id, partner)
    booking.clock.advance(LASTING)
    late = {"hold_id": hold["id"], "retake_if_expired": True}
    made = await booking.post("/v1/bookings", partner, **late, **WHO)
    assert made["drop_off_at"] == hold["drop_off_at"]
    assert (await read(booking, hold, partner))["booking_id"] is None


@pytest.mark.seed(66)
async def test_a_hold_is_confirmed_or_expires_and_never_both(booking: Booking) -> None:
    for early in (1, 0.05, 0.05, 0):
        workshop_id, _ = await booking.workshop()
        partner = booking.partner()
        hold = await held(booking, workshop_id, partner)
        body = WHO | {"hold_id": hold["id"]}
        booking.clock.advance(LASTING - timedelta(seconds=early))
        confirming = [
            booking.client.post("/v1/bookings", json=body, headers=partner) for _ in range(8)
        ]

        async def expiring() -> None:
            for _ in range(30):
                await expire_due(booking.service.database)

        answers, *_ = await asyncio.gather(asyncio.gather(*confirming), expiring(), expiring())
        codes = Counter(answer.status_code for answer in answers)
        now = await read(booking, hold, partner)
        if codes[201]:
            assert (codes[201], codes[409], now["status"]) == (1, 7, "confirmed")
            assert await booking.types(now["booking_id"]) == ["booking.created"]
        else:
            assert (codes[409], now["status"], now["booking_id"]) == (8, "expired", None)


@pytest.mark.seed(65)
async def test_of_a_hundred_racing_to_hold_or_book_a_slot_one_has_it(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop()
    asked = await slot(booking, workshop_id, owner)
    answers = await asyncio.gather(
        *(
            booking.client.post(path, json=body, headers=booking.partner())
            for path, body in [("/v1/holds", asked), ("/v1/bookings", asked | WHO)] * (RACERS // 2)
        )
    )
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: RACERS - 1}
    codes = {answer.json()["code"] for answer in answers if answer.status_code == 409}
    assert codes == {"slot-taken"}


@pytest.mark.seed(33)
async def test_anothers_hold_is_as_good_as_none(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop()
    hold = await held(booking, workshop_id, booking.partner())
    stranger = booking.partner()
    for hold_id in (hold["id"], new_id("hld")):
        path = f"/v1/holds/{hold_id}"
        assert (await booking.client.get(path, headers=stranger)).status_code == 404
        body = WHO | {"hold_id": hold_id}
        answer = await booking.client.post("/v1/bookings", json=body, headers=stranger)
        (error,) = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == ("/hold_id", "unknown-hold")
    assert (await read(booking, hold, owner))["status"] == "held"


@pytest.mark.seed(39, 63)
async def test_what_the_hold_says_the_body_does_not(booking: Booking) -> None:
    partner = booking.partner()
    body = WHO | {
        "hold_id": new_id("hld"),
        "drop_off_at": "2026-12-01T06:00:00Z",
        "services": [{"title": "A noise"}],
    }
    answer = await booking.client.post("/v1/bookings", json=body, headers=partner)
    found = {(each["pointer"], each["code"]) for each in answer.json()["errors"]}
    assert found == {("/drop_off_at", "held-already"), ("/services", "held-already")}


async def test_nobody_holds_a_whole_workshop(booking: Booking) -> None:
    workshop_id, _ = await booking.workshop(bays=MAX_AT_ONE_WORKSHOP + 1)
    partner = booking.partner()
    asked = await slot(booking, workshop_id, partner)
    for _ in range(MAX_AT_ONE_WORKSHOP):
        await booking.post("/v1/holds", partner, **asked)
    answer = await booking.client.post("/v1/holds", json=asked, headers=partner)
    assert (answer.status_code, answer.json()["code"]) == (409, "too-many-holds")
    await booking.post("/v1/holds", booking.partner(), **asked)
