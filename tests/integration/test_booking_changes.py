"""Bookings over HTTP: changed, moved on, and what follows a visit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from infra.access import SigningKeys
from infra.booking import CUSTOMER, EVERYTHING, Booking, booking_service
from infra.databases import MakeDatabase
from shared.ids import new_id


@pytest_asyncio.fixture(scope="module")
async def booking(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Booking]:
    async with booking_service(module_database, keys) as made:
        yield made


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
