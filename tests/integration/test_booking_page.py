"""The booking page over HTTP: what a customer can do with it, and what it keeps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import icalendar
import pytest
import pytest_asyncio

from infra.access import SigningKeys
from infra.booking import Booking, booking_service
from infra.databases import MakeDatabase
from infra.visitors import DETAILS, Visitor, bookings_of
from shared.ids import new_id


@pytest_asyncio.fixture(scope="module")
async def booking(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Booking]:
    async with booking_service(module_database, keys, public_url="") as made:
        yield made


@pytest.fixture
def visitor(booking: Booking) -> Visitor:
    return Visitor(booking.client)


@pytest.mark.seed(38, 42)
async def test_a_visitor_books_and_has_it_in_the_calendar(
    booking: Booking, visitor: Visitor
) -> None:
    workshop_id, owner = await booking.workshop(phone="+61298765432")
    oil = await booking.service_of(workshop_id, owner)
    shown = await booking.client.get(f"/v1/workshops/{workshop_id}", headers=owner)
    await visitor.open(shown.json()["booking_url"])
    for told in ("Oil change", "$99.00", "1 hour"):
        assert told in visitor.text
    await visitor.choose(workshop_id, oil["id"], other="Rattles when cold", day=booking.day(2))
    assert "Sydney" in visitor.text
    first = visitor.slots[0]
    await visitor.take()
    assert "We keep this time for you for 10 more minutes" in visitor.text
    await visitor.send(DETAILS)
    assert "on its way to ada@example.com" in visitor.text

    [made] = await bookings_of(booking, owner)
    assert (made["status"], made["source"], made["drop_off_at"]) == ("pending", "page", first)
    assert made["customer"]["phone"] == "+61412345678"
    assert made["car"]["registration"] == {"plate": "ABC123", "country": "AU"}
    assert [each["title"] for each in made["services"]] == ["Oil change", "Rattles when cold"]
    ((_, _, told),) = await booking.events(made["id"])
    assert told["manage_url"] == made["manage_url"]
    # What the mail has leads where the page is now.
    assert made["id"] in (await Visitor(booking.client).open(made["manage_url"])).text

    file = await booking.client.get(visitor.link("booking.ics"))
    assert file.headers["content-type"].startswith("text/calendar")
    [event] = icalendar.Calendar.from_ical(file.content).walk("VEVENT")
    assert event.decoded("dtstart") == datetime.fromisoformat(first)
    await visitor.open(str(event["url"]))
    assert made["id"] in visitor.text


@pytest.mark.seed(34, 35)
async def test_it_offers_what_the_api_offers_week_after_week(
    booking: Booking, visitor: Visitor
) -> None:
    rules = {"lead_minutes": 60 * 24 * 9, "horizon_days": 30}
    workshop_id, owner = await booking.workshop(rules=rules)
    oil = await booking.service_of(workshop_id, owner)
    await visitor.choose(workshop_id, oil["id"])
    # The first week has nothing: the page begins with the first that has.
    day = visitor.slots[0]
    weeks = 1
    while 'rel="next"' in visitor.text:
        before = visitor.slots
        await visitor.open(visitor.later)
        assert visitor.slots != before
        weeks += 1
    assert weeks >= 3
    await visitor.choose(workshop_id, oil["id"], day=booking.day(12))
    same = await booking.starts(
        workshop_id, owner, services=oil["id"], **dict.fromkeys(("from", "to"), booking.day(12))
    )
    assert visitor.slots == same
    assert day < same[-1]
    for strange in ("1999-01-01", "2999-01-01", "tomorrow", ""):
        assert (await visitor.choose(workshop_id, oil["id"], day=strange)).status == 200


@pytest.mark.seed(46)
async def test_a_time_that_somebody_else_took_is_told_and_nothing_typed_is_lost(
    booking: Booking, visitor: Visitor
) -> None:
    workshop_id, owner = await booking.workshop()
    await visitor.choose(workshop_id, other="Brakes squeal", day=booking.day(2))
    slot = visitor.slots[0]
    await booking.book(workshop_id, booking.partner(), drop_off_at=slot)
    await visitor.take()
    assert (visitor.status, slot in visitor.slots) == (409, False)
    assert "Somebody was faster" in visitor.text

    held = visitor.slots[0]
    await visitor.take()
    booking.clock.advance(timedelta(minutes=11))
    await booking.book(workshop_id, booking.partner(), drop_off_at=held)
    await visitor.send(DETAILS)
    assert (visitor.status, held in visitor.slots) == (409, False)
    assert "Somebody was faster" in visitor.text
    await visitor.take()
    assert visitor.value("plate") == "abc123"
    await visitor.send(DETAILS)
    assert "You're booked" in visitor.text
    assert len(await bookings_of(booking, owner)) == 3


async def test_an_expired_hold_is_booked_all_the_same_if_its_time_is_free(
    booking: Booking, visitor: Visitor
) -> None:
    workshop_id, owner = await booking.workshop()
    await visitor.choose(workshop_id, other="Brakes squeal", day=booking.day(2))
    slot = visitor.slots[0]
    await visitor.take()
    address = visitor.address
    booking.clock.advance(timedelta(minutes=11))
    await visitor.open(address)
    assert "no longer kept for you" in visitor.text
    await visitor.send(DETAILS)
    [made] = await bookings_of(booking, owner)
    assert made["drop_off_at"] == slot
    await visitor.open(address)
    assert visitor.status == 200


@pytest.mark.seed(44)
async def test_forms_sent_twice_make_one_hold_and_one_booking(
    booking: Booking, visitor: Visitor
) -> None:
    workshop_id, owner = await booking.workshop(bays=3)
    await visitor.choose(workshop_id, other="Brakes squeal", day=booking.day(2))
    form = visitor.hidden | {"slot": visitor.slots[0]}
    both = [Visitor(booking.client) for _ in range(4)]
    await asyncio.gather(*(each.post(f"/book/{workshop_id}/hold", form) for each in both))
    assert {each.status for each in both} == {200}
    async with booking.service.database.reading() as connection:
        held = await connection.exec_driver_sql(
            f"SELECT count(*) FROM bookings WHERE workshop_id = '{workshop_id}'"  # noqa: S608
        )
        assert held.scalar() == 1
    address = both[0].address
    details = both[0].hidden | DETAILS
    await asyncio.gather(*(each.post(address, details) for each in both))
    assert all("Your booking" in each.text or "booked" in each.text for each in both)
    # Another tab, with an attempt of its own.
    await visitor.post(address, DETAILS | {"attempt": new_id("att")})
    [made] = await bookings_of(booking, owner)
    assert made["id"] in visitor.text


async def test_choosing_again_gives_the_first_time_back(booking: Booking, visitor: Visitor) -> None:
    workshop_id, _ = await booking.workshop()
    await visitor.choose(workshop_id, other="Brakes squeal")
    slot = visitor.slots[0]
    await visitor.take()
    await visitor.open(visitor.link("/times"))
    assert slot not in visitor.slots
    assert "Kept for you" in visitor.text
    await visitor.take(1)
    await visitor.open(visitor.link("/times"))
    assert slot in visitor.slots


async def test_errors_stand_beside_their_fields_and_what_was_typed_stays(
    booking: Booking, visitor: Visitor
) -> None:
    workshop_id, owner = await booking.workshop()
    await visitor.open(f"/book/{workshop_id}/times")
    assert (visitor.status, "Choose a service" in visitor.text) == (422, True)
    await visitor.choose(workshop_id, other="Brakes squeal", day=booking.day(2))
    await visitor.take()
    wrong = {"name": " ", "email": "ada@", "phone": "12", "vin": "1HGCM82633A004353"}
    await visitor.send(DETAILS | wrong)
    assert visitor.status == 422
    for field in ("name", "email", "phone", "vin"):
        assert f'id="{field}-wrong"' in visitor.text
        assert visitor.value(field).strip() == wrong[field].strip()
    assert visitor.value("plate") == "abc123"
    await visitor.send(DETAILS | {"email": "", "phone": ""})
    assert "so that you can be reached" in visitor.text
    assert await bookings_of(booking, owner) == []
