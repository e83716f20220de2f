"""Bookings over HTTP: asked for, refused by name, read and listed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from infra.access import SigningKeys
from infra.booking import CAR, EVERYTHING, Booking, booking_service
from infra.databases import MakeDatabase
from shared.ids import new_id


@pytest_asyncio.fixture(scope="module")
async def booking(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Booking]:
    async with booking_service(module_database, keys) as made:
        yield made


@pytest.mark.seed(42, 48, 51)
async def test_a_booking_comes_back_as_it_was_sent(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop()
    partner = booking.partner()
    made = await booking.book(workshop_id, partner, **EVERYTHING)
    assert (made["status"], made["id"][:4]) == ("pending", "bkg_")
    assert (made["workshop_name"], made["service_category"]) == ("Harbour Motors", "maintenance")
    assert {name: made[name] for name in EVERYTHING if name != "car"} == {
        name: value for name, value in EVERYTHING.items() if name != "car"
    }
    assert made["car"] == EVERYTHING["car"] | {"model": None}
    for headers in (partner, owner, booking.keys.headers("operator")):
        read = await booking.client.get(f"/v1/bookings/{made['id']}", headers=headers)
        assert read.json() == made
    ((kind, number, data),) = await booking.events(made["id"])
    assert (kind, number) == ("booking.created", 1)
    assert data == made


@pytest.mark.seed(33, 48)
async def test_anothers_booking_is_as_good_as_none(booking: Booking) -> None:
    workshop_id, _ = await booking.workshop()
    made = await booking.book(workshop_id, booking.partner())
    for stranger in (booking.partner(), booking.keys.headers("workshop")):
        for method, path, body in (
            ("GET", "", None),
            ("PATCH", "", {"notes": "mine"}),
            ("POST", "/status", {"status": "cancelled"}),
        ):
            theirs, nobodys = [
                await booking.client.request(
                    method, f"/v1/bookings/{of}{path}", json=body, headers=stranger
                )
                for of in (made["id"], new_id("bkg"))
            ]
            assert theirs.status_code == nobodys.status_code == 404
            assert theirs.json() == nobodys.json()
        listed = await booking.client.get("/v1/bookings", headers=stranger)
        assert listed.json()["data"] == []


@pytest.mark.seed(39, 40, 63)
@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"customer": None}, "/customer", "missing"),
        ({"customer": {"email": "ada@example.com"}}, "/customer/name", "missing"),
        ({"customer": {"name": "Ada"}}, "/customer", "unreachable"),
        ({"car": None}, "/car", "missing"),
        ({"car": {}}, "/car/registration", "missing"),
        ({"car": {"registration": {"country": "AU"}}}, "/car/registration/plate", "missing"),
        ({"service_category": None}, "/service_category", "missing"),
        ({"drop_off_at": None}, "/drop_off_at", "missing"),
        ({"workshop_id": None}, "/workshop_id", "missing"),
        ({"drop_off_at": "2026-12-01T08:00:00"}, "/drop_off_at", "not-utc"),
        ({"drop_off_at": "2026-12-01T08:00:00+11:00"}, "/drop_off_at", "not-utc"),
        ({"drop_off_at": "tomorrow"}, "/drop_off_at", "not-a-time"),
        ({"drop_off_at": "2020-12-01T08:00:00Z"}, "/drop_off_at", "in-the-past"),
        ({"drop_off_at": "2199-12-31T23:59:59Z"}, "/drop_off_at", "too-far-ahead"),
        ({"customer": {"name": "A", "email": "ada@"}}, "/customer/email", "not-an-email"),
        ({"customer": {"name": "A", "phone": "0412 345"}}, "/customer/phone", None),
        ({"customer": {"name": "A", "phone": "+999999999"}}, "/customer/phone", "not-e164"),
        ({"car": CAR | {"vin": "1HGCM82633A004353"}}, "/car/vin", "wrong-check-digit"),
        ({"service_category": "valet"}, "/service_category", "enum"),
        ({"services": [{}]}, "/services/0", "one-or-the-other"),
        ({"services": [{"title": "X", "duration": "1h"}]}, "/services/0/duration", None),
        ({"products": [{"name": "X", "quantity": 0}]}, "/products/0/quantity", None),
        ({"status": "done"}, "/status", "unknown-field"),
        ({"workshop_id": new_id("wks")}, "/workshop_id", "unknown-workshop"),
        ({"services": [{"catalog_id": new_id("svc")}]}, "/services/0/catalog_id", None),
    ],
)
async def test_bad_input_is_refused_by_name(
    booking: Booking, change: dict[str, Any], pointer: str, code: str | None
) -> None:
    workshop_id, _ = await booking.workshop()
    partner = booking.partner()
    body = await booking.visit(workshop_id, partner)
    sent = {name: value for name, value in (body | change).items() if value is not None}
    answer = await booking.client.post("/v1/bookings", json=sent, headers=partner)
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert error["pointer"] == pointer
    assert error["message"]
    assert code is None or error["code"] == code


@pytest.mark.seed(39)
async def test_every_omission_is_named_at_once(booking: Booking) -> None:
    answer = await booking.client.post("/v1/bookings", json={}, headers=booking.partner())
    assert {each["pointer"] for each in answer.json()["errors"]} == {
        "/workshop_id", "/service_category", "/drop_off_at", "/customer", "/car",
    }  # fmt: skip


@pytest.mark.seed(41)
@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("maintenance", "maintenance"),
        ("tyres", "tyres"),
        ("repair", "repair"),
        ("other", "other"),
        ("basic", "maintenance"),
        ("logbook", "maintenance"),
    ],
)
async def test_each_kind_of_service_is_accepted(booking: Booking, sent: str, meant: str) -> None:
    workshop_id, _ = await booking.workshop()
    made = await booking.book(workshop_id, booking.partner(), service_category=sent)
    assert made["service_category"] == meant


@pytest.mark.seed(47)
async def test_services_are_completed_from_the_catalog_or_kept_as_given(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop()
    oil = await booking.service_of(workshop_id, owner)
    own = {"title": "A noise", "description": "left front", "duration": "PT30M"}
    asked = [{"catalog_id": oil["id"]}, own]
    made = await booking.book(workshop_id, booking.partner(), services=asked)
    from_catalog, custom = made["services"]
    for name in ("code", "title", "category", "duration", "cost"):
        assert from_catalog[name] == oil[name]
    assert {name: custom[name] for name in own} == own
    assert (custom["category"], custom["catalog_id"]) == ("maintenance", None)
    took = datetime.fromisoformat(made["ends_at"]) - datetime.fromisoformat(made["drop_off_at"])
    assert took == timedelta(minutes=90)


@pytest.mark.seed(46, 63)
async def test_a_time_that_is_not_to_be_had_is_refused(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop()
    partner = booking.partner()
    opening = datetime.fromisoformat((await booking.starts(workshop_id, partner))[0])

    async def refusal(drop_off_at: datetime) -> tuple[int, str, list[str]]:
        at = drop_off_at.isoformat().replace("+00:00", "Z")
        body = await booking.visit(workshop_id, partner, drop_off_at=at)
        answer = await booking.client.post("/v1/bookings", json=body, headers=partner)
        problem = answer.json()
        pointers = [each["pointer"] for each in problem.get("errors", ())]
        return answer.status_code, problem["code"], pointers

    at_drop_off = ["/drop_off_at"]
    hour = timedelta(hours=1)
    assert await refusal(opening - hour) == (409, "outside-hours", at_drop_off)
    assert await refusal(opening + 7.5 * hour) == (409, "outside-hours", at_drop_off)
    await booking.book(workshop_id, partner)
    assert await refusal(opening) == (409, "slot-taken", at_drop_off)
    assert await refusal(opening + 0.5 * hour) == (409, "slot-taken", at_drop_off)
    days = {"from": booking.day(8), "to": booking.day(8)}
    await booking.post(f"/v1/workshops/{workshop_id}/closures", owner, **days)
    assert await refusal(opening + 24 * hour) == (409, "workshop-closed", at_drop_off)


@pytest.mark.seed(36)
async def test_cancelling_gives_the_slot_back(booking: Booking) -> None:
    workshop_id, _ = await booking.workshop()
    partner = booking.partner()
    first = await booking.book(workshop_id, partner)
    await booking.move(first, partner, "cancelled")
    again = await booking.book(workshop_id, partner, drop_off_at=first["drop_off_at"])
    assert again["id"] != first["id"]


@pytest.mark.seed(43)
async def test_a_known_reference_answers_with_the_booking_that_stands(booking: Booking) -> None:
    workshop_id, _ = await booking.workshop(bays=2)
    partner = booking.partner()
    made = await booking.book(workshop_id, partner, external_reference="dms-7", notes="first")
    body = await booking.visit(
        workshop_id, partner, external_reference="dms-7", notes="second",
        drop_off_at="2020-01-01T00:00:00Z",
    )  # fmt: skip
    again = await booking.client.post("/v1/bookings", json=body, headers=partner)
    assert (again.status_code, again.json()) == (200, made)
    query = {"external_reference": "dms-7"}
    listed = await booking.client.get("/v1/bookings", params=query, headers=partner)
    assert listed.json()["data"] == [made]
    assert await booking.types(made["id"]) == ["booking.created"]


@pytest.mark.seed(45)
async def test_references_are_each_partners_own_and_none_is_none(booking: Booking) -> None:
    workshop_id, _ = await booking.workshop(bays=4)
    one, other = booking.partner(), booking.partner()
    made = [
        await booking.book(workshop_id, partner, external_reference=reference)
        for partner, reference in ((one, "dms-1"), (other, "dms-1"), (one, None), (one, None))
    ]
    assert len({each["id"] for each in made}) == 4


async def test_bookings_are_listed_by_what_they_are(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop(bays=1)
    partner = booking.partner()
    starts = await booking.starts(workshop_id, partner)
    made = [await booking.book(workshop_id, partner, drop_off_at=starts[n]) for n in (0, 2, 4)]
    await booking.move(made[1], owner, "processing")

    async def listed(**query: str) -> list[str]:
        answer = await booking.client.get("/v1/bookings", params=query, headers=owner)
        return [each["id"] for each in answer.json()["data"]]

    ids = [each["id"] for each in made]
    assert await listed() == ids[::-1]
    assert await listed(status="processing") == [ids[1]]
    assert await listed(workshop_id=workshop_id, **{"from": starts[2], "to": starts[4]}) == [ids[1]]
    assert await listed(workshop_id=new_id("wks")) == []
    page = await booking.client.get("/v1/bookings", params={"limit": 2}, headers=owner)
    rest = await listed(limit="2", cursor=page.json()["next_cursor"])
    assert rest == ids[:1]
