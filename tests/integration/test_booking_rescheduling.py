"""Bookings moved to another time, cancelled in time or too late, and what nobody came to."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from infra.access import SigningKeys
from infra.booking import Booking, Headers, Json, booking_service
from infra.databases import MakeDatabase


@pytest_asyncio.fixture(scope="module")
async def booking(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Booking]:
    async with booking_service(module_database, keys) as made:
        yield made


async def move_to(booking: Booking, made: Json, headers: Headers, start: str) -> tuple[int, Json]:
    answer = await booking.client.post(
        f"/v1/bookings/{made['id']}/reschedule", json={"drop_off_at": start}, headers=headers
    )
    return answer.status_code, answer.json()


async def status(booking: Booking, made: Json, headers: Headers, **body: str) -> tuple[int, Json]:
    answer = await booking.client.post(
        f"/v1/bookings/{made['id']}/status", json=body, headers=headers
    )
    return answer.status_code, answer.json()


async def soon(booking: Booking, *, bays: int = 1, **rules: object) -> tuple[str, Headers, str]:
    """Open a workshop around the clock; return it with a slot within half an hour."""
    all_day = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat")}
    hours = all_day | {"sun": [["00:00", "24:00"]]}
    workshop_id, owner = await booking.workshop(
        bays=bays, hours=hours, time_zone="UTC", slot_minutes=15, **rules
    )
    quarter = timedelta(minutes=15)
    now = booking.clock.now()
    at = now - (now - datetime.min.replace(tzinfo=UTC)) % quarter + 2 * quarter
    return workshop_id, owner, at.isoformat().replace("+00:00", "Z")


@pytest.mark.seed(36)
async def test_a_visit_is_moved_and_says_from_when_to_when(booking: Booking) -> None:
    workshop_id, _ = await booking.workshop()
    partner = booking.partner()
    starts = await booking.starts(workshop_id, partner)
    made = await booking.book(workshop_id, partner)
    code, moved = await move_to(booking, made, partner, starts[4])
    assert code == 200
    assert (moved["drop_off_at"], moved["status"]) == (starts[4], "pending")
    kind, number, data = (await booking.events(made["id"]))[-1]
    (change,) = data["changes"]
    assert change == {"field": "drop_off_at", "before": starts[0], "after": starts[4]}
    assert (kind, number, data | {"changes": []}) == ("booking.updated", 2, moved)
    assert starts[0] in await booking.starts(workshop_id, partner)
    assert starts[4] not in await booking.starts(workshop_id, partner)
    code, again = await move_to(booking, made, partner, starts[4])
    assert (code, again["changes"]) == (200, [])
    assert len(await booking.events(made["id"])) == 2


@pytest.mark.seed(36, 46)
async def test_it_may_overlap_the_time_it_had(booking: Booking) -> None:
    workshop_id, _ = await booking.workshop()
    partner = booking.partner()
    starts = await booking.starts(workshop_id, partner)
    made = await booking.book(workshop_id, partner)
    assert (await move_to(booking, made, partner, starts[1]))[0] == 200


@pytest.mark.seed(46, 63)
async def test_a_visit_keeps_its_time_when_the_other_is_not_to_be_had(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop()
    partner = booking.partner()
    starts = await booking.starts(workshop_id, partner)
    made = await booking.book(workshop_id, partner)
    await booking.book(workshop_id, partner, drop_off_at=starts[4])
    midnight = datetime.fromisoformat(starts[0]) - timedelta(hours=9)
    for wanted, code in [
        (starts[4], "slot-taken"),
        (midnight.isoformat().replace("+00:00", "Z"), "outside-hours"),
        ("2020-01-01T00:00:00Z", "invalid-request"),
    ]:
        status, problem = await move_to(booking, made, partner, wanted)
        assert problem["code"] == code, status
        assert problem["errors"][0]["pointer"] == "/drop_off_at"
    found = await booking.client.get(f"/v1/bookings/{made['id']}", headers=partner)
    assert found.json() == made
    await booking.move(made, owner, "processing")
    status, problem = await move_to(booking, made, partner, starts[8])
    assert (status, problem["code"]) == (409, "transition-not-allowed")


@pytest.mark.seed(36, 65)
async def test_visits_that_swap_and_race_never_share_a_bay(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop(bays=2)
    starts = await booking.starts(workshop_id, owner)
    made = [await booking.book(workshop_id, owner, drop_off_at=start) for start in starts[:8:2] * 2]
    moves = [
        move_to(booking, each, owner, starts[(number * 5 + turn * 3) % len(starts)])
        for turn in range(6)
        for number, each in enumerate(made)
    ]
    answers = await asyncio.gather(*moves)
    assert {code for code, _ in answers} <= {200, 409}
    assert {problem["code"] for code, problem in answers if code == 409} <= {"slot-taken"}
    listed = (await booking.client.get("/v1/bookings", headers=owner)).json()["data"]
    assert len(listed) == len(made)
    taken = Counter[datetime]()
    for each in listed:
        half_hour = datetime.fromisoformat(each["drop_off_at"])
        while half_hour < datetime.fromisoformat(each["ends_at"]):
            taken[half_hour] += 1
            half_hour += timedelta(minutes=30)
    assert max(taken.values()) <= 2


@pytest.mark.seed(55)
async def test_who_cancelled_and_why_is_kept(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop(bays=2)
    partner = booking.partner()
    for headers, by in ((partner, "customer"), (owner, "workshop")):
        made = await booking.book(workshop_id, partner)
        code, gone = await status(booking, made, headers, status="cancelled", reason="sold")
        assert (code, gone["cancelled_by"], gone["reason"]) == (200, by, "sold")
        assert await booking.types(made["id"]) == ["booking.created", "booking.cancelled"]
        assert await booking.reminders_of(made) == []


@pytest.mark.seed(55)
async def test_too_late_for_the_customer_is_not_too_late_for_the_workshop(
    booking: Booking,
) -> None:
    workshop_id, owner, at = await soon(booking, bays=2, rules={"cancel_until_hours": 2})
    partner = booking.partner()
    made = await booking.book(workshop_id, partner, drop_off_at=at)
    later = (datetime.fromisoformat(at) + timedelta(hours=9)).isoformat().replace("+00:00", "Z")
    for code, problem in (
        await status(booking, made, partner, status="cancelled"),
        await move_to(booking, made, partner, later),
    ):
        assert (code, problem["code"]) == (409, "too-late")
        until = datetime.fromisoformat(at) - timedelta(hours=2)
        assert datetime.fromisoformat(problem["until"]) == until
    assert (await move_to(booking, made, owner, later))[0] == 200
    # Now there are more than two hours again.
    assert (await status(booking, made, partner, status="cancelled"))[0] == 200


@pytest.mark.seed(55)
async def test_a_no_show_is_the_workshops_word_after_the_drop_off(booking: Booking) -> None:
    workshop_id, owner, at = await soon(booking)
    partner = booking.partner()
    made = await booking.book(workshop_id, partner, drop_off_at=at)
    gone = {"status": "cancelled", "reason": "no-show"}
    code, problem = await status(booking, made, partner, **gone)
    assert (code, problem["code"]) == (403, "workshop-only")
    code, problem = await status(booking, made, owner, **gone)
    assert (code, problem["code"]) == (409, "not-yet")
    booking.clock.advance(timedelta(minutes=31))
    code, now = await status(booking, made, owner, **gone)
    assert (code, now["cancelled_by"], now["reason"]) == (200, "workshop", "no-show")


async def test_a_walk_in_is_written_down_by_the_workshop(booking: Booking) -> None:
    workshop_id, owner, _ = await soon(booking)
    just_now = (booking.clock.now() - timedelta(minutes=5)).replace(microsecond=0)
    body = {"drop_off_at": just_now.isoformat().replace("+00:00", "Z"), "source": "walk-in"}
    visit = await booking.visit(workshop_id, owner, **body)
    refused = await booking.client.post("/v1/bookings", json=visit, headers=booking.partner())
    assert (refused.status_code, refused.json()["code"]) == (403, "workshop-only")
    made = await booking.post("/v1/bookings", owner, **visit)
    assert made["source"] == "walk-in"
    (created,) = await booking.events(made["id"])
    assert created[2]["source"] == "walk-in"
    unusual = await booking.client.post(
        "/v1/bookings", json=visit | {"source": "api"}, headers=owner
    )
    assert unusual.json()["errors"][0]["code"] == "in-the-past"
