"""What visitors of the booking page can keep from one another: little, and not for long."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest_asyncio

from infra.access import SigningKeys
from infra.booking import Booking, booking_service
from infra.databases import MakeDatabase
from infra.visitors import DETAILS, Visitor, bookings_of
from services.booking.domain.visitor import ALLOWED, MAX_BY_PAGE, MAX_OF_VISITOR, SURE, Deed

FIRST, SECOND, THIRD = "203.0.113.7", "2001:db8:1:2::7", "198.51.100.7"
SAME_AS_SECOND = "2001:db8:1:2:ffff::1"


@pytest_asyncio.fixture(scope="module")
async def booking(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Booking]:
    async with booking_service(module_database, keys, public_url="") as made:
        yield made


def visitor_from(booking: Booking, address: str) -> Visitor:
    transport = httpx.ASGITransport(booking.service.app, client=(address, 50_000))
    return Visitor(httpx.AsyncClient(transport=transport, base_url="http://roadworthy.test"))


async def hold(visitor: Visitor, workshop_id: str, times: int = 1) -> list[int]:
    """Hold the first time that is free, as somebody who gives none back."""
    told = []
    for _ in range(times):
        await visitor.choose(workshop_id, other="Brakes squeal")
        told.append((await visitor.take()).status)
    return told


async def held(booking: Booking, workshop_id: str) -> int:
    query = "SELECT count(*) FROM bookings WHERE workshop_id = $1 AND status = 'held'"
    async with booking.service.engine.connect() as connection:
        return (await connection.exec_driver_sql(query, (workshop_id,))).scalar_one()


async def test_two_networks_cannot_take_the_page_from_a_third(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop()
    often = ALLOWED[Deed.HOLD]
    for address in (FIRST, SECOND):
        assert await hold(visitor_from(booking, address), workshop_id, often) == [200] * often
    assert await held(booking, workshop_id) == 2 * MAX_OF_VISITOR
    # Who has a whole network of addresses is one visitor all the same.
    assert await hold(visitor_from(booking, SAME_AS_SECOND), workshop_id) == [429]
    third = visitor_from(booking, THIRD)
    assert await hold(third, workshop_id) == [200]
    await third.send(DETAILS)
    assert "You're booked" in third.text
    assert len(await bookings_of(booking, owner)) == 1


async def test_what_was_given_up_is_booked_all_the_same_if_it_is_free(booking: Booking) -> None:
    workshop_id, _ = await booking.workshop()
    visitor = visitor_from(booking, FIRST)
    await hold(visitor, workshop_id)
    first = visitor.address
    await hold(visitor, workshop_id, MAX_OF_VISITOR)
    await visitor.open(first)
    await visitor.send(DETAILS)
    assert "You're booked" in visitor.text


async def test_a_page_that_many_visit_keeps_no_time_for_long(booking: Booking) -> None:
    workshop_id, _ = await booking.workshop(bays=MAX_BY_PAGE + 2)
    visitors = [visitor_from(booking, f"203.0.113.{place}") for place in range(MAX_BY_PAGE)]
    for each in visitors:
        assert await hold(each, workshop_id) == [200]
    late = visitor_from(booking, THIRD)
    assert await hold(late, workshop_id) == [409]
    assert "Many people are booking" in late.text
    booking.clock.advance(SURE + timedelta(seconds=1))
    assert await hold(late, workshop_id) == [200]
    assert await held(booking, workshop_id) == MAX_BY_PAGE
    # A partner's own holds are its own, whoever visits the page.
    partner = booking.partner()
    starts = await booking.starts(workshop_id, partner)
    asked = {"workshop_id": workshop_id, "service_category": "other", "drop_off_at": starts[0]}
    await booking.post("/v1/holds", partner, **asked)


async def test_who_held_a_time_is_forgotten_with_it(booking: Booking) -> None:
    workshop_id, _ = await booking.workshop()
    visitor = visitor_from(booking, FIRST)
    await hold(visitor, workshop_id, 2)
    await visitor.send(DETAILS)
    booking.clock.advance(timedelta(minutes=11))
    await hold(visitor_from(booking, THIRD), workshop_id)
    query = (
        "SELECT count(*) FROM bookings WHERE workshop_id = $1"
        " AND status <> 'held' AND held_by_visitor IS NOT NULL"
    )
    async with booking.service.engine.connect() as connection:
        left = (await connection.exec_driver_sql(query, (workshop_id,))).scalar_one()
    assert left == 0
