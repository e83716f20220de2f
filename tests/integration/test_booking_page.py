"""The booking page over HTTP: what a customer can do with it, and what it keeps."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import icalendar
import pytest
import pytest_asyncio

from infra.access import SigningKeys
from infra.booking import Booking, booking_service
from infra.databases import MakeDatabase
from infra.visitors import DETAILS, Visitor, bookings_of


@pytest_asyncio.fixture(scope="module")
async def booking(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Booking]:
    async with booking_service(module_database, keys) as made:
        yield made


@pytest.fixture
def visitor(booking: Booking) -> Visitor:
    # Each test's visitor comes from elsewhere: tries are counted by address.
    return Visitor(booking.client)


async def test_a_visitor_books_and_has_it_in_the_calendar(
    booking: Booking, visitor: Visitor
) -> None:
    workshop_id, owner = await booking.workshop(phone="+61298765432")
    oil = await booking.service_of(workshop_id, owner)
    shown = await booking.client.get(f"/v1/workshops/{workshop_id}", headers=owner)
    await visitor.open(shown.json()["booking_url"].removeprefix("http://127.0.0.1:8000"))
    assert "Oil change" in visitor.text
    assert "$99.00" in visitor.text
    await visitor.choose(workshop_id, oil["id"], other="Rattles when cold")
    first = visitor.slots[0]
    await visitor.take()
    assert "We keep this time for you for 10 more minutes" in visitor.text
    await visitor.send(DETAILS)
    assert "You&#39;re booked" in visitor.text or "You're booked" in visitor.text

    [made] = await bookings_of(booking, owner)
    assert (made["status"], made["source"], made["drop_off_at"]) == ("pending", "page", first)
    assert made["customer"]["phone"] == "+61412345678"
    assert made["car"]["registration"] == {"plate": "ABC123", "country": "AU"}
    assert [each["title"] for each in made["services"]] == ["Oil change", "Rattles when cold"]
    assert await booking.types(made["id"]) == ["booking.created"]

    file = await booking.client.get(visitor.link("booking.ics"))
    assert file.headers["content-type"].startswith("text/calendar")
    [event] = icalendar.Calendar.from_ical(file.content).walk("VEVENT")
    assert event.decoded("dtstart") == datetime.fromisoformat(first)
    await visitor.open(str(event["url"]).removeprefix("http://127.0.0.1:8000"))
    assert made["id"] in visitor.text
