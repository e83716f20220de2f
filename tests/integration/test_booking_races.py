"""Many at once: one bay, one reference, and the constraint beneath the code."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import insert, literal, select, text
from sqlalchemy.exc import IntegrityError

from infra.access import SigningKeys
from infra.booking import Booking, Json, booking_service
from infra.databases import MakeDatabase
from services.booking.repository import locks
from services.booking.tables.bookings import bookings

RACERS, STANDING = 100, 4


@pytest_asyncio.fixture(scope="module")
async def booking(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Booking]:
    async with booking_service(module_database, keys) as made:
        yield made


@pytest.mark.seed(46, 65)
async def test_of_a_hundred_racing_for_one_slot_one_has_it(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop(bays=1)
    body = await booking.visit(workshop_id, owner)
    partners = [booking.partner() for _ in range(RACERS)]
    answers = await asyncio.gather(
        *(booking.client.post("/v1/bookings", json=body, headers=each) for each in partners)
    )
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: RACERS - 1}
    refusals = {answer.json()["code"] for answer in answers if answer.status_code == 409}
    assert refusals == {"slot-taken"}
    listed = (await booking.client.get("/v1/bookings", headers=owner)).json()["data"]
    assert len(listed) == 1


@pytest.mark.seed(65)
async def test_racing_for_overlapping_times_fills_each_bay_without_overlap(
    booking: Booking,
) -> None:
    workshop_id, owner = await booking.workshop(bays=3)
    partner = booking.partner()
    starts = await booking.starts(workshop_id, partner)
    bodies = [
        await booking.visit(workshop_id, partner, drop_off_at=start)
        for start in starts
        for _ in range(6)
    ]
    answers = await asyncio.gather(
        *(booking.client.post("/v1/bookings", json=body, headers=partner) for body in bodies)
    )
    assert {answer.status_code for answer in answers} == {201, 409}
    overlaps = text("""
        SELECT count(*) FROM bookings a JOIN bookings b
        ON a.bay_id = b.bay_id AND a.id < b.id AND a.during && b.during
        WHERE a.workshop_id = :workshop_id
    """)
    async with booking.service.database.reading() as connection:
        assert await connection.scalar(overlaps, {"workshop_id": workshop_id}) == 0
    assert await booking.starts(workshop_id, owner) == []


@pytest.mark.seed(65)
async def test_the_database_itself_refuses_two_on_one_bay(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop(bays=1)
    made = await booking.book(workshop_id, owner)
    others = [each for each in bookings.c if each.name != "id" and each.computed is None]
    original = select(literal("copy"), *others).where(bookings.c.id == made["id"])
    copy = insert(bookings).from_select(["id", *others], original)
    with pytest.raises(IntegrityError, match="bookings_one_at_a_time"):
        async with booking.service.database.transaction() as work:
            await work.connection.execute(copy)


@pytest.mark.seed(44)
async def test_concurrent_requests_with_one_reference_make_one_booking(booking: Booking) -> None:
    one, _ = await booking.workshop(bays=5)
    other, _ = await booking.workshop(bays=5)
    partner = booking.partner()
    bodies = [
        await booking.visit(workshop_id, partner, external_reference="dms-1")
        for workshop_id in (one, other)
    ]
    answers = await asyncio.gather(
        *(
            booking.client.post("/v1/bookings", json=bodies[number % 2], headers=partner)
            for number in range(RACERS)
        )
    )
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: RACERS - 1}
    made: Json = answers[0].json()
    assert all(answer.json() == made for answer in answers)
    assert await booking.types(made["id"]) == ["booking.created"]


@pytest.mark.seed(54)
async def test_done_said_many_times_at_once_is_done_once(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop()
    made = await booking.book(workshop_id, owner)
    await booking.move(made, owner, "processing")
    path = f"/v1/bookings/{made['id']}/status"
    answers = await asyncio.gather(
        *(booking.client.post(path, json={"status": "done"}, headers=owner) for _ in range(20))
    )
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 19}
    assert Counter(await booking.types(made["id"]))["review.requested"] == 1
    assert len(await booking.reminders_of(made)) == 1


async def test_moves_changes_and_new_bookings_do_not_deadlock(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop(bays=2)
    oil = await booking.service_of(workshop_id, owner)
    starts = await booking.starts(workshop_id, owner)
    made = [await booking.book(workshop_id, owner, drop_off_at=starts[n]) for n in (0, 2, 4)]
    body = await booking.visit(workshop_id, owner, drop_off_at=starts[2])
    services = {"services": [{"catalog_id": oil["id"]}] * 2}
    work = []
    for each in made * 5:
        path = f"/v1/bookings/{each['id']}"
        cancel = {"status": "cancelled"}
        work += [
            booking.client.patch(path, json=services, headers=owner),
            booking.client.post("/v1/bookings", json=body, headers=owner),
            booking.client.post(f"{path}/status", json=cancel, headers=owner),
        ]
    answers = await asyncio.gather(*work)
    assert {answer.status_code for answer in answers} <= {200, 201, 409}


def slot_of(body: Json) -> Json:
    return {name: body[name] for name in ("workshop_id", "service_category", "drop_off_at")}


async def test_who_stands_in_line_at_one_workshop_keeps_nobody_else_waiting(
    booking: Booking,
) -> None:
    workshop_id, _ = await booking.workshop()
    elsewhere, _ = await booking.workshop()
    other = booking.partner()
    body = await booking.visit(workshop_id, other)
    moved = await booking.book(workshop_id, other, drop_off_at=body["drop_off_at"])
    start = (await booking.starts(workshop_id, other))[4]
    body["drop_off_at"] = start
    job = {"services": [{"title": "Longer", "duration": "PT2H"}]}
    change, move = f"/v1/bookings/{moved['id']}", f"/v1/bookings/{moved['id']}/reschedule"
    asked = [("POST", "/v1/bookings", body), ("POST", "/v1/holds", slot_of(body))]
    asked += [("POST", "/v1/booking-series", body | {"rrule": "FREQ=DAILY;COUNT=2"})]
    eager = [(*each, booking.partner()) for each in asked * STANDING]
    eager += [("PATCH", change, job, other), ("POST", move, {"drop_off_at": start}, other)] * 4
    async with booking.service.database.transaction() as work:
        await locks.workshop_line(work.connection, workshop_id)
        waiting = [
            asyncio.create_task(booking.client.request(how, path, json=body, headers=who))
            for how, path, body, who in eager
        ]
        # Until as many wait in the database as will: none of these ends before the line does.
        await asyncio.wait(waiting, timeout=0.5)
        async with asyncio.timeout(5):
            await booking.book(elsewhere, booking.partner())
            page = await booking.client.get(f"/book/{elsewhere}")
        assert page.status_code == 200
        assert not any(each.done() for each in waiting)
    answers = {each.status_code for each in await asyncio.gather(*waiting)}
    assert answers <= {200, 201, 409}


async def test_a_booking_under_way_keeps_no_other_of_its_customer_waiting(
    booking: Booking,
) -> None:
    workshop_id, _ = await booking.workshop(bays=2)
    partner = booking.partner()
    known = await booking.book(workshop_id, partner)
    under_way = text("SELECT FROM customers WHERE id = :of FOR NO KEY UPDATE")
    async with booking.service.database.transaction() as work:
        await work.connection.execute(under_way, {"of": known["customer_id"]})
        async with asyncio.timeout(5):
            again = await booking.book(workshop_id, partner)
    assert again["customer_id"] == known["customer_id"]
