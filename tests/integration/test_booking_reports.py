"""A partner's bookings, counted; and counted the same when the projection is made anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from sqlalchemy import text

from infra.access import SigningKeys
from infra.booking import Booking, Headers, booking_service
from infra.databases import MakeDatabase

SYDNEY = ZoneInfo("Australia/Sydney")


@pytest_asyncio.fixture(scope="module")
async def booking(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Booking]:
    async with booking_service(module_database, keys) as made:
        yield made


async def report(booking: Booking, headers: Headers, **query: str) -> bytes:
    asked = {"from": booking.day(0), "to": booking.day(30)} | query
    answer = await booking.client.get("/v1/reports/partner", params=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.content


@pytest.mark.seed(61, 67)
async def test_the_partners_own_are_counted_and_the_same_when_made_anew(booking: Booking) -> None:
    one, owner = await booking.workshop(bays=4)
    oil = await booking.service_of(one, owner)
    noise = {"title": "A noise", "cost": {"amount": 5000, "currency": "AUD"}}
    partner = booking.partner()
    first = await booking.book(one, partner, services=[{"catalog_id": oil["id"]}, noise])
    done = await booking.book(one, partner, services=[{"catalog_id": oil["id"]}])
    await booking.move(done, owner, "processing", "done")
    gone = await booking.book(one, partner)
    await booking.move(gone, partner, "cancelled")
    await booking.book(one, booking.partner(), services=[{"catalog_id": oil["id"]}])
    day = datetime.fromisoformat(first["drop_off_at"]).astimezone(SYDNEY).date()
    later = datetime.fromisoformat(first["drop_off_at"]) + timedelta(days=1)
    moved = {"drop_off_at": later.isoformat().replace("+00:00", "Z")}
    path = f"/v1/bookings/{first['id']}/reschedule"
    assert (await booking.client.post(path, json=moved, headers=partner)).status_code == 200

    period = f"{day:%Y-%m}"
    one_day = {"from": day.isoformat(), "to": day.isoformat()}
    lines = (await report(booking, partner, **one_day, format="csv")).decode().split("\r\n")
    assert lines == [
        "period,workshop_id,status,source,currency,bookings,no_shows,value",
        f"{period},{one},cancelled,api,,1,0,0",
        f"{period},{one},done,api,AUD,1,0,9900",
        "",
    ]
    before = await report(booking, partner)
    assert b'"status":"pending","source":"api","currency":"AUD","bookings":1' in before
    assert b'"value":14900' in before

    for kind, named in [("week", f"{day:%G-W%V}"), ("day", day.isoformat())]:
        counted = await report(booking, partner, **one_day, period=kind, format="csv")
        assert counted.decode().split("\r\n")[1:3] == [
            line.replace(period, named, 1) for line in lines[1:3]
        ]

    async with booking.service.database.transaction() as work:
        wrong = """UPDATE reported_bookings SET status = 'done', amounts = '{"AUD": 1}'"""
        await work.connection.execute(text(wrong))
    assert await report(booking, partner) != before
    operator = booking.keys.headers("operator")
    rebuilt = await booking.client.post("/v1/reports/rebuild", headers=operator)
    assert (rebuilt.status_code, rebuilt.json()) == (200, {"bookings": 4})
    assert await report(booking, partner) == before
    async with booking.service.database.transaction() as work:
        await work.connection.execute(text("DELETE FROM reported_bookings"))
    await booking.client.post("/v1/reports/rebuild", headers=operator)
    assert await report(booking, partner) == before
    refused = await booking.client.post("/v1/reports/rebuild", headers=partner)
    assert refused.status_code == 403


@pytest.mark.seed(61, 67)
async def test_each_currency_of_a_booking_is_counted(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop()
    oil = await booking.service_of(workshop_id, owner)
    part, more = {"amount": 1000, "currency": "NZD"}, {"amount": 250, "currency": "NZD"}
    asked = [{"title": "Parts", "cost": part}, {"catalog_id": oil["id"]}]
    asked += [{"title": "A noise"}, {"title": "Paint", "cost": more}]
    partner = booking.partner()
    made = await booking.book(workshop_id, partner, services=asked)
    before = await report(booking, partner, format="csv")
    counted = [line.split(",")[4:] for line in before.decode().split("\r\n")[1:-1]]
    assert counted == [["AUD", "1", "0", "9900"], ["NZD", "1", "0", "1250"]]
    async with booking.service.database.transaction() as work:
        gone = text("DELETE FROM reported_bookings WHERE booking_id = :id")
        await work.connection.execute(gone, {"id": made["id"]})
    assert b"NZD" not in await report(booking, partner, format="csv")
    operator = booking.keys.headers("operator")
    await booking.client.post("/v1/reports/rebuild", headers=operator)
    assert await report(booking, partner, format="csv") == before


@pytest.mark.seed(61, 67)
async def test_it_is_made_anew_in_batches_while_bookings_go_on(
    booking: Booking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.booking.handlers.reports.BATCH", 3)
    workshop_id, owner = await booking.workshop(bays=20)
    partner, operator = booking.partner(), booking.keys.headers("operator")
    made = [await booking.book(workshop_id, partner) for _ in range(8)]

    async def rebuild() -> int:
        answer = await booking.client.post("/v1/reports/rebuild", headers=operator)
        assert answer.status_code == 200, answer.text
        count: int = answer.json()["bookings"]
        return count

    await asyncio.gather(
        *(rebuild() for _ in range(3)),
        *(booking.move(each, owner, "processing", "done") for each in made),
        *(booking.book(workshop_id, partner) for _ in range(8)),
    )
    lived_through = await report(booking, partner)
    assert await rebuild() >= 16
    assert await report(booking, partner) == lived_through
    assert lived_through.count(b'"bookings":8') == 2


@pytest.mark.seed(61, 63)
async def test_a_report_is_of_a_year_at_most(booking: Booking) -> None:
    for query, code in [
        ({"from": "2026-01-01", "to": "2027-01-02"}, "too-many-days"),
        ({"from": "2026-01-02", "to": "2026-01-01"}, "reversed"),
    ]:
        answer = await booking.client.get(
            "/v1/reports/partner", params=query, headers=booking.partner()
        )
        (error,) = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == ("/to", code)
