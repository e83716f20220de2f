"""Bookings over HTTP: asked for, read, changed, moved on, and what follows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from infra.access import SigningKeys
from infra.booking import CAR, CUSTOMER, EVERY_DAY, NINE_TO_FIVE, Booking, booking_service
from infra.databases import MakeDatabase
from shared.ids import new_id

EVERYTHING = {
    "customer": CUSTOMER,
    "car": CAR | {"vin": "1HGCM82633A004352", "make": "Honda", "year": 2003, "mileage": 184000},
    "notes": "Rattles when cold.\n\n  Ring before you lift the engine out. \n",
    "products": [{"name": "Wiper blades", "description": "650 mm & 400 mm", "quantity": 2}],
    "external_reference": "dms-1",
    "skip_notification": True,
}


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


WITHOUT_CONTACT = {"name": "Ada"}


@pytest.mark.seed(39, 40, 63)
@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"customer": None}, "/customer", "missing"),
        ({"customer": {"email": "ada@example.com"}}, "/customer/name", "missing"),
        ({"customer": WITHOUT_CONTACT}, "/customer", "unreachable"),
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
        ({"drop_off_at": "9999-12-31T23:59:59Z"}, "/drop_off_at", "too-far-ahead"),
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
    weekdays = {day: NINE_TO_FIVE[day] for day in EVERY_DAY}
    workshop_id, owner = await booking.workshop(hours=weekdays)
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


@pytest.mark.seed(49)
async def test_details_can_change_and_the_status_never_does(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop()
    partner = booking.partner()
    made = await booking.book(workshop_id, partner, **EVERYTHING)
    await booking.move(made, owner, "processing")
    change = {
        "service_category": "tyres",
        "customer": {"name": "Grace Hopper", "email": None},
        "car": {"mileage": 184_500},
        "notes": "No rattle after all.",
        "products": [],
    }
    path = f"/v1/bookings/{made['id']}"
    changed = (await booking.client.patch(path, json=change, headers=partner)).json()
    assert changed["status"] == "processing"
    assert changed["customer"] == CUSTOMER | {"name": "Grace Hopper", "email": None}
    assert changed["car"] == made["car"] | {"mileage": 184_500}
    assert (changed["notes"], changed["products"]) == ("No rattle after all.", [])
    assert changed["service_category"] == "tyres"
    assert (await booking.client.get(path, headers=partner)).json() == changed
    kind, number, data = (await booking.events(made["id"]))[-1]
    assert (kind, number) == ("booking.updated", 3)
    assert {each["field"] for each in data["changes"]} == {
        "service_category", "customer.name", "customer.email", "car.mileage", "notes", "products",
    }  # fmt: skip
    await booking.client.patch(path, json=change, headers=partner)
    assert len(await booking.events(made["id"])) == 3


@pytest.mark.seed(50)
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"status": "done"}, "not-editable"),
        ({"workshop_id": new_id("wks")}, "not-editable"),
        ({"drop_off_at": "2027-01-01T00:00:00Z"}, "not-editable"),
        ({"external_reference": "other"}, "not-editable"),
        ({"colour": "red"}, "unknown-field"),
        ({"service_category": None}, "null"),
    ],
)
async def test_what_cannot_be_edited_is_refused(
    booking: Booking, change: dict[str, Any], code: str
) -> None:
    workshop_id, _ = await booking.workshop()
    partner = booking.partner()
    made = await booking.book(workshop_id, partner)
    path = f"/v1/bookings/{made['id']}"
    refused = await booking.client.patch(path, json=change | {"notes": "x"}, headers=partner)
    assert refused.status_code == 422
    named = [(each["pointer"], each["code"]) for each in refused.json()["errors"]]
    assert named == [(f"/{next(iter(change))}", code)]
    assert (await booking.client.get(path, headers=partner)).json() == made


@pytest.mark.seed(40)
async def test_a_customer_stays_within_reach(booking: Booking) -> None:
    workshop_id, _ = await booking.workshop()
    partner = booking.partner()
    made = await booking.book(workshop_id, partner, customer={"name": "A", "phone": "+61412345678"})
    path = f"/v1/bookings/{made['id']}"
    refused = await booking.client.patch(path, json={"customer": {"phone": None}}, headers=partner)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/customer"


@pytest.mark.seed(49)
async def test_longer_work_needs_a_bay_for_longer(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop(bays=2)
    partner = booking.partner()
    starts = await booking.starts(workshop_id, partner)
    long = await booking.service_of(workshop_id, owner, code="long", duration="PT3H")
    longer = await booking.service_of(workshop_id, owner, code="longer", duration="PT9H")
    first = await booking.book(workshop_id, partner, drop_off_at=starts[0])
    path = f"/v1/bookings/{first['id']}"

    async def ask_for(service: dict[str, Any]) -> Any:
        change = {"services": [{"catalog_id": service["id"]}]}
        return await booking.client.patch(path, json=change, headers=partner)

    for _ in range(2):
        await booking.book(workshop_id, partner, drop_off_at=starts[2])
    taken = await ask_for(long)
    assert (taken.status_code, taken.json()["code"]) == (409, "slot-taken")
    assert taken.json()["errors"][0]["pointer"] == "/services"
    late = await ask_for(longer)
    assert (late.status_code, late.json()["code"]) == (409, "outside-hours")
    listed = (await booking.client.get("/v1/bookings", headers=partner)).json()["data"]
    await booking.move(listed[0], partner, "cancelled")
    refitted = await ask_for(long)
    assert refitted.status_code == 200
    assert refitted.json()["ends_at"] == starts[6]


@pytest.mark.seed(52)
@pytest.mark.parametrize(
    ("way", "refused", "allowed"),
    [
        ([], "done", ["processing", "cancelled"]),
        ([], "pending", ["processing", "cancelled"]),
        (["processing"], "pending", ["done", "cancelled"]),
        (["processing", "done"], "cancelled", []),
        (["processing", "done"], "done", []),
        (["cancelled"], "processing", []),
    ],
)
async def test_other_moves_are_refused_without_effect(
    booking: Booking, way: list[str], refused: str, allowed: list[str]
) -> None:
    workshop_id, owner = await booking.workshop()
    made = await booking.book(workshop_id, booking.partner())
    moved = await booking.move(made, owner, *way)
    told = await booking.events(made["id"])
    answer = await booking.client.post(
        f"/v1/bookings/{made['id']}/status", json={"status": refused}, headers=owner
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "transition-not-allowed")
    assert answer.json()["allowed"] == allowed
    read = await booking.client.get(f"/v1/bookings/{made['id']}", headers=owner)
    assert read.json() == moved
    assert await booking.events(made["id"]) == told


@pytest.mark.seed(52)
async def test_a_partner_may_cancel_and_only_that(booking: Booking) -> None:
    workshop_id, _ = await booking.workshop()
    partner = booking.partner()
    made = await booking.book(workshop_id, partner)
    path = f"/v1/bookings/{made['id']}/status"
    answer = await booking.client.post(path, json={"status": "processing"}, headers=partner)
    assert (answer.status_code, answer.json()["code"]) == (403, "workshop-only")
    body = {"status": "cancelled", "reason": "sold the car"}
    cancelled = await booking.client.post(path, json=body, headers=partner)
    assert (cancelled.json()["status"], cancelled.json()["reason"]) == ("cancelled", "sold the car")


@pytest.mark.seed(53)
async def test_a_visit_that_is_done_is_followed_up(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop()
    made = await booking.book(workshop_id, booking.partner())
    await booking.move(made, owner, "processing", "done")
    told = await booking.events(made["id"])
    assert [(kind, number) for kind, number, _ in told] == [
        ("booking.created", 1),
        ("booking.updated", 2),
        ("booking.completed", 3),
        ("review.requested", 4),
    ]
    assert told[3][2]["customer"] == CUSTOMER
    (reminder,) = await booking.reminders_of(made)
    ((kind, number, data),) = await booking.events(reminder)
    assert (kind, number, data["status"]) == ("reminder.scheduled", 1, "scheduled")
    assert (data["booking_id"], data["customer"], len(data["code"])) == (made["id"], CUSTOMER, 12)
    ahead = datetime.fromisoformat(data["due_at"]) - booking.clock.now()
    assert timedelta(days=180) < ahead < timedelta(days=185)


@pytest.mark.seed(54)
@pytest.mark.parametrize(
    ("workshop", "visit", "review", "reminder"),
    [
        ({"send_review_requests": False}, {}, False, True),
        ({"schedule_reminders": False}, {}, True, False),
        ({}, {"send_review_request": False}, False, True),
        ({}, {"schedule_reminder": False}, True, False),
    ],
)
async def test_either_can_be_switched_off(
    booking: Booking,
    workshop: dict[str, Any],
    visit: dict[str, Any],
    review: bool,
    reminder: bool,
) -> None:
    workshop_id, owner = await booking.workshop(**workshop)
    made = await booking.book(workshop_id, booking.partner(), **visit)
    await booking.move(made, owner, "processing", "done")
    assert ("review.requested" in await booking.types(made["id"])) == review
    assert bool(await booking.reminders_of(made)) == reminder


@pytest.mark.seed(55)
@pytest.mark.parametrize("by", ["partner", "workshop"])
async def test_a_cancelled_visit_is_not_followed_up(booking: Booking, by: str) -> None:
    workshop_id, owner = await booking.workshop()
    partner = booking.partner()
    made = await booking.book(workshop_id, partner)
    await booking.move(made, partner if by == "partner" else owner, "cancelled")
    assert await booking.types(made["id"]) == ["booking.created", "booking.cancelled"]
    assert await booking.reminders_of(made) == []


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
