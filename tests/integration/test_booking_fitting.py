"""A bay, a technician and a loan car are given together, and what is missing is said."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
import pytest_asyncio

from infra.access import SigningKeys
from infra.booking import Booking, Headers, Json, booking_service
from infra.databases import MakeDatabase

RACERS = 100


@pytest_asyncio.fixture(scope="module")
async def booking(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Booking]:
    async with booking_service(module_database, keys) as made:
        yield made


async def explained(
    booking: Booking, workshop_id: str, headers: Headers, **query: str
) -> dict[str, list[str]]:
    """Map each refused slot of a day a week ahead to the codes of what stands in its way."""
    (day,) = await booking.days(workshop_id, headers, explain="true", **query)
    return {slot["start"]: [each["code"] for each in slot["reasons"]] for slot in day["refused"]}


async def refused(booking: Booking, workshop_id: str, headers: Headers, **body: object) -> Json:
    visit = await booking.visit(workshop_id, headers, **body)
    answer = await booking.client.post("/v1/bookings", json=visit, headers=headers)
    assert answer.status_code == 409, answer.text
    problem: Json = answer.json()
    return problem


async def staffed(booking: Booking, *skills: list[str], bays: int = 3) -> tuple[str, Headers]:
    workshop_id, owner = await booking.workshop(bays=bays)
    for each in skills:
        body = {"kind": "technician", "name": "Somebody", "skills": each}
        await booking.post(f"/v1/workshops/{workshop_id}/resources", owner, **body)
    return workshop_id, owner


@pytest.mark.seed(46, 72)
async def test_a_technician_with_the_skills_is_given_and_then_missing(booking: Booking) -> None:
    workshop_id, owner = await staffed(booking, ["ev"], ["brakes", "ev"])
    hybrid = await booking.service_of(workshop_id, owner, code="hybrid", skills=["ev"])
    brakes = await booking.service_of(workshop_id, owner, code="brakes", skills=["brakes", "ev"])
    at = (await booking.starts(workshop_id, owner))[0]
    easy, hard = ({"services": [{"catalog_id": each["id"]}]} for each in (hybrid, brakes))
    first = await booking.book(workshop_id, owner, drop_off_at=at, **easy)
    # The one who can do less was given first, so that the other is left for this.
    second = await booking.book(workshop_id, owner, drop_off_at=at, **hard)
    assert first["technician_id"] != second["technician_id"]
    problem = await refused(booking, workshop_id, owner, drop_off_at=at, **easy)
    assert (problem["code"], [each["code"] for each in problem["errors"]]) == (
        "slot-taken", ["no-technician"],
    )  # fmt: skip
    why = await explained(booking, workshop_id, owner, services=brakes["id"])
    assert why[at] == ["no-technician"]
    paint = await booking.service_of(workshop_id, owner, code="paint", skills=["paint"])
    why = await explained(booking, workshop_id, owner, services=paint["id"])
    assert set(map(tuple, why.values())) == {("skill-missing",)} | {("outside-hours",)}
    await booking.book(workshop_id, owner, drop_off_at=at)  # needs no technician
    assert await booking.starts(workshop_id, owner, services=brakes["id"]) != []
    problem = await refused(booking, workshop_id, owner, drop_off_at=at)
    assert [each["code"] for each in problem["errors"]] == ["no-bay"]


@pytest.mark.seed(36, 72)
async def test_a_loan_car_is_away_until_the_pick_up(booking: Booking) -> None:
    every_day = {day: [["16:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    week = every_day | {day: [["16:00", "17:00"]] for day in ("sat", "sun")}
    workshop_id, owner = await booking.workshop(bays=3, rules={"pick_up_hours": week})
    lent = {"loan_car": "true"}
    why = await explained(booking, workshop_id, owner, **lent)
    assert ["no-loan-car"] in why.values()
    assert await booking.starts(workshop_id, owner, **lent) == []
    path = f"/v1/workshops/{workshop_id}/resources"
    car = await booking.post(path, owner, kind="loan-car", name="Yaris")
    starts = await booking.starts(workshop_id, owner, **lent)
    made = await booking.book(workshop_id, owner, drop_off_at=starts[0], loan_car=True)
    assert (made["loan_car"], made["loan_car_id"]) == (True, car["id"])
    first = datetime.fromisoformat(starts[0])
    assert datetime.fromisoformat(made["ends_at"]) == first + timedelta(hours=1)
    assert datetime.fromisoformat(made["pick_up_at"]) == first + timedelta(hours=7)
    assert (await explained(booking, workshop_id, owner, **lent))[starts[6]] == ["loan-car-taken"]
    problem = await refused(booking, workshop_id, owner, drop_off_at=starts[6], loan_car=True)
    assert [each["code"] for each in problem["errors"]] == ["loan-car-taken"]
    assert await booking.book(workshop_id, owner, drop_off_at=starts[6])
    await booking.move(made, owner, "cancelled")
    assert await booking.starts(workshop_id, owner, **lent) == starts


@pytest.mark.seed(65)
async def test_buffers_are_kept_free(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop(bays=1)
    buffers = {"buffer_before": "PT30M", "buffer_after": "PT1H"}
    spray = await booking.service_of(workshop_id, owner, code="spray", **buffers)
    usual = await booking.starts(workshop_id, owner)
    await booking.book(
        workshop_id, owner, drop_off_at=usual[4], services=[{"catalog_id": spray["id"]}]
    )
    left = await booking.starts(workshop_id, owner)
    # From 11:00 to 12:00; kept from 10:30 to 13:00: an hour ends by 10:30 or begins at 13:00.
    assert left == usual[:2] + usual[8:]
    # Another such wants half an hour more before it, so that 13:00 is too early.
    again = await booking.starts(workshop_id, owner, services=spray["id"])
    assert again[-len(usual[9:]) :] == usual[9:]


@pytest.mark.seed(37, 72)
async def test_limits_refuse_the_next_booking_and_no_other(booking: Booking) -> None:
    limits = {"daily_limit": 3, "category_limits": {"tyres": 2}}
    workshop_id, owner = await booking.workshop(bays=9, rules=limits)
    wheel = {"category": "tyres", "code": "wheel", "daily_limit": 1}
    wheels = await booking.service_of(workshop_id, owner, **wheel)
    at = (await booking.starts(workshop_id, owner))[0]
    of_service = {"services": [{"catalog_id": wheels["id"]}], "drop_off_at": at}
    first = await booking.book(workshop_id, owner, **of_service)
    problem = await refused(booking, workshop_id, owner, **of_service)
    assert problem["code"] == "limit-reached"
    tyres = {"service_category": "tyres", "drop_off_at": at}
    await booking.book(workshop_id, owner, **tyres)
    assert (await refused(booking, workshop_id, owner, **tyres))["code"] == "limit-reached"
    assert await booking.starts(workshop_id, owner, service_category="tyres") == []
    assert set(
        map(tuple, (await explained(booking, workshop_id, owner, services=wheels["id"])).values())
    ) >= {("limit-reached", "limit-reached")}
    assert at in await booking.starts(workshop_id, owner)
    third = await booking.book(workshop_id, owner, drop_off_at=at)
    await booking.move(third, owner, "processing", "done")  # and still counts
    assert (await refused(booking, workshop_id, owner, drop_off_at=at))["code"] == "limit-reached"
    await booking.move(first, owner, "cancelled")
    await booking.book(workshop_id, owner, **of_service)
    next_day = {"from": booking.day(8), "to": booking.day(8)}
    assert at not in await booking.starts(workshop_id, owner)
    assert await booking.starts(workshop_id, owner, **next_day)


@pytest.mark.seed(72)
async def test_courtesy_is_for_so_many_a_day(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop(bays=3)
    path = f"/v1/workshops/{workshop_id}/resources"
    await booking.post(path, owner, kind="courtesy", name="Shuttle", capacity=1)
    starts = await booking.starts(workshop_id, owner, courtesy="true")
    await booking.book(workshop_id, owner, drop_off_at=starts[0], courtesy=True)
    assert await booking.starts(workshop_id, owner, courtesy="true") == []
    problem = await refused(booking, workshop_id, owner, drop_off_at=starts[4], courtesy=True)
    assert [each["code"] for each in problem["errors"]] == ["courtesy-taken"]
    assert await booking.book(workshop_id, owner, drop_off_at=starts[4])


@pytest.mark.seed(35, 72)
async def test_a_closed_day_and_each_of_its_usual_slots_say_why(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop()
    usual = await booking.starts(workshop_id, owner)
    days = {"from": booking.day(), "to": booking.day()}
    await booking.post(f"/v1/workshops/{workshop_id}/closures", owner, **days, reason="Flood")
    (day,) = await booking.days(workshop_id, owner, explain="true")
    assert (day["hours"], day["slots"]) == ([], [])
    assert day["closed"] == {"code": "closed", "message": "The workshop is closed that day: Flood."}
    assert [slot["start"] for slot in day["refused"]][: len(usual)] == usual
    assert {each["code"] for slot in day["refused"] for each in slot["reasons"]} == {"closed"}
    assert "refused" not in (await booking.days(workshop_id, owner))[0]


@pytest.mark.seed(72)
async def test_notice_and_horizon_are_kept(booking: Booking) -> None:
    rules = {"lead_minutes": 60 * 24 * 3, "horizon_days": 10}
    workshop_id, owner = await booking.workshop(time_zone="UTC", rules=rules)
    asked = {"from": booking.day(1), "to": booking.day(2)}
    days = await booking.days(workshop_id, owner, explain="true", **asked)
    codes = {tuple(r["code"] for r in slot["reasons"]) for day in days for slot in day["refused"]}
    assert codes == {("too-soon",), ("outside-hours", "too-soon")}
    problem = await refused(booking, workshop_id, owner, drop_off_at=days[0]["refused"][0]["start"])
    assert problem["code"] == "too-soon"
    asked = {"from": booking.day(11), "to": booking.day(12)}
    assert await booking.starts(workshop_id, owner, **asked) == []


@pytest.mark.seed(46, 65)
async def test_of_a_hundred_racing_for_one_technician_one_has_them(booking: Booking) -> None:
    workshop_id, owner = await staffed(booking, [], bays=5)
    needs = {"code": "bleed", "resources": ["technician", "loan-car"]}
    service = await booking.service_of(workshop_id, owner, **needs)
    for name in ("Yaris", "Jazz"):
        path = f"/v1/workshops/{workshop_id}/resources"
        await booking.post(path, owner, kind="loan-car", name=name)
    body = await booking.visit(workshop_id, owner, services=[{"catalog_id": service["id"]}])
    answers = await asyncio.gather(
        *(booking.client.post("/v1/bookings", json=body, headers=owner) for _ in range(RACERS))
    )
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: RACERS - 1}
    causes = {each["code"] for a in answers if a.status_code == 409 for each in a.json()["errors"]}
    assert causes == {"no-technician"}


async def test_what_is_out_of_service_is_given_to_no_new_booking(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop(bays=1)
    made = await booking.book(workshop_id, owner)
    path = f"/v1/workshops/{workshop_id}/resources/{made['bay_id']}"
    await booking.client.patch(path, json={"in_service": False}, headers=owner)
    assert await booking.starts(workshop_id, owner) == []
    longer = {"services": [{"title": "Engine out", "duration": "PT2H"}]}
    changed = await booking.client.patch(f"/v1/bookings/{made['id']}", json=longer, headers=owner)
    assert (changed.status_code, changed.json()["bay_id"]) == (200, made["bay_id"])


async def test_a_visit_that_is_moved_leaves_what_is_out_of_service(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop(bays=2)
    for name in ("Ann", "Bob"):
        await booking.post(
            f"/v1/workshops/{workshop_id}/resources", owner, kind="technician", name=name
        )
    brakes = await booking.service_of(workshop_id, owner, resources=["technician"])
    made = await booking.book(workshop_id, owner, services=[{"catalog_id": brakes["id"]}])
    for gone in ("bay_id", "technician_id"):
        path = f"/v1/workshops/{workshop_id}/resources/{made[gone]}"
        await booking.client.patch(path, json={"in_service": False}, headers=owner)
    later = (await booking.starts(workshop_id, owner))[4]
    moved = await booking.client.post(
        f"/v1/bookings/{made['id']}/reschedule", json={"drop_off_at": later}, headers=owner
    )
    assert moved.status_code == 200
    assert moved.json()["bay_id"] != made["bay_id"]
    assert moved.json()["technician_id"] != made["technician_id"]
