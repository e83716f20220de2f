"""A booking of the page, seen, moved and cancelled by whoever has its link."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from infra.access import SigningKeys
from infra.booking import Booking, Headers, Json, booking_service
from infra.databases import MakeDatabase
from infra.visitors import DETAILS, Visitor, bookings_of
from services.booking.domain.visitor import ALLOWED, Deed
from shared.ids import new_id


@pytest_asyncio.fixture(scope="module")
async def booking(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Booking]:
    async with booking_service(module_database, keys, public_url="") as made:
        yield made


@pytest.fixture
def visitor(booking: Booking) -> Visitor:
    return Visitor(booking.client)


async def booked(
    booking: Booking, visitor: Visitor, **profile: object
) -> tuple[str, Headers, Json]:
    """Have a visitor book; who stands before the booking's own page then."""
    workshop_id, owner = await booking.workshop(**profile)
    await visitor.choose(workshop_id, other="Brakes squeal")
    await (await visitor.take()).send(DETAILS)
    [made] = await bookings_of(booking, owner)
    return workshop_id, owner, made


@pytest.mark.seed(36)
async def test_it_is_moved_and_its_first_time_is_free_again(
    booking: Booking, visitor: Visitor
) -> None:
    _, owner, made = await booked(booking, visitor)
    await visitor.open(visitor.link("/move"))
    assert made["drop_off_at"] in visitor.slots  # it isn't in its own way
    wanted = visitor.slots[3]
    await visitor.take(3)
    assert "has been moved" in visitor.text
    [moved] = await bookings_of(booking, owner)
    assert (moved["id"], moved["drop_off_at"]) == (made["id"], wanted)
    assert await booking.types(made["id"]) == ["booking.created", "booking.updated"]

    await visitor.open(visitor.link("/move"))
    other = visitor.slots[0]
    await booking.book(made["workshop_id"], booking.partner(), drop_off_at=other)
    await visitor.take(0)
    assert (visitor.status, other in visitor.slots) == (409, False)
    assert "Somebody was faster" in visitor.text


@pytest.mark.seed(36, 55)
async def test_it_is_cancelled_with_a_reason(booking: Booking, visitor: Visitor) -> None:
    _, owner, _ = await booked(booking, visitor)
    await visitor.open(visitor.link("/cancel"))
    form = visitor.address
    await visitor.send({"reason": "no-show"})
    assert visitor.status == 422
    await visitor.send({"reason": "I sold the car."})
    assert "Booking cancelled" in visitor.text
    assert "I sold the car." in visitor.text
    [gone] = await bookings_of(booking, owner)
    assert (gone["status"], gone["reason"]) == ("cancelled", "I sold the car.")
    assert gone["cancelled_by"] == "customer"
    await visitor.post(form, {"reason": "again"})
    assert (await booking.types(gone["id"])).count("booking.cancelled") == 1


async def test_the_workshops_notice_binds_the_customer(booking: Booking, visitor: Visitor) -> None:
    late = {"cancel_until_hours": 24 * 60}
    _, owner, made = await booked(booking, visitor, rules=late)
    page = visitor.address
    assert "/cancel" not in visitor.text
    assert "Please call the workshop" in visitor.text
    key = page.partition("key=")[2].partition("&")[0]
    for step, form in (("cancel", {"reason": ""}), ("move", {"slot": made["drop_off_at"]})):
        await visitor.post(f"/book/{made['workshop_id']}/{step}?key={key}", form)
    [same] = await bookings_of(booking, owner)
    assert (same["status"], same["drop_off_at"]) == ("pending", made["drop_off_at"])


async def test_a_key_that_was_altered_opens_nothing(booking: Booking, visitor: Visitor) -> None:
    workshop_id, _, made = await booked(booking, visitor)
    key = visitor.address.partition("key=")[2].partition("&")[0]
    other, _ = await booking.workshop()
    wrong = [key[:-4] + "AAAA", key[:40], "", made["id"], "a.b.c.d.e", "%F0%28%8C%28"]
    for place, value in [(workshop_id, each) for each in wrong] + [(other, key)]:
        for step in ("manage", "move", "cancel", "booking.ics"):
            answer = await booking.client.get(f"/book/{place}/{step}?key={value}")
            assert answer.status_code == 404, (step, value)
            assert answer.headers["content-type"].startswith("text/html")
            assert "Ada" not in answer.text


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil"}],
)
async def test_another_sites_form_is_refused(
    booking: Booking, visitor: Visitor, headers: dict[str, str]
) -> None:
    _, owner, made = await booked(booking, visitor)
    for step in ("cancel", "move"):
        url = visitor.link(f"/{step}")
        answer = await booking.client.post(url, data={"reason": "x"}, headers=headers)
        assert (answer.status_code, "<form" in answer.text) == (403, False)
    assert (await bookings_of(booking, owner))[0]["status"] == "pending"
    assert made["status"] == "pending"


async def test_times_that_the_clock_shows_twice_are_told_apart(
    booking: Booking, visitor: Visitor
) -> None:
    zone = ZoneInfo("Australia/Sydney")
    today = booking.clock.now().astimezone(zone).date()
    april = today.year + (today > date(today.year, 3, 31))
    sunday = next(day for day in range(1, 8) if date(april, 4, day).weekday() == 6)
    hours = {"sun": [["01:00", "05:00"]]}
    workshop_id, _ = await booking.workshop(hours=hours)
    await visitor.choose(workshop_id, other="Early", day=f"{april}-04-{sunday:02}")
    assert "2:00\u202fam AEDT" in visitor.text
    assert "2:00\u202fam AEST" in visitor.text
    assert "1:30\u202fam<" in visitor.text
    first = datetime(april, 4, sunday, 2, tzinfo=zone).astimezone(UTC)
    both = [(first + timedelta(hours=n)).isoformat().replace("+00:00", "Z") for n in (0, 1)]
    assert set(both) <= set(visitor.slots)


async def test_who_tries_too_often_has_to_wait(booking: Booking, visitor: Visitor) -> None:
    workshop_id, owner = await booking.workshop(bays=2)
    await visitor.choose(workshop_id, other="Brakes squeal")
    form = visitor.hidden
    slots = [*visitor.slots]
    for place in range(ALLOWED[Deed.HOLD] + 1):
        again = form | {"slot": slots[place % len(slots)], "attempt": new_id("att")}
        answer = await booking.client.post(f"/book/{workshop_id}/hold", data=again)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 600
    assert "Please wait" in answer.text
    other, _ = await booking.workshop()
    await visitor.choose(other, other="Brakes squeal")
    assert (await visitor.take()).status == 200
    booking.clock.advance(timedelta(minutes=11))
    await visitor.choose(workshop_id, other="Brakes squeal")
    assert (await visitor.take()).status == 200
    assert await bookings_of(booking, owner) == []
