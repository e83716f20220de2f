"""Calendars to subscribe to: secret, kept up to date, and read back by another library."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest_asyncio
import vobject
from sqlalchemy import insert, select

from infra.access import SigningKeys
from infra.booking import CUSTOMER, Booking, Headers, Json, booking_service
from infra.databases import MakeDatabase
from infra.explaining import reads_of
from services.booking.handlers.calendars import MOST_ENTRIES
from services.booking.tables.bookings import bookings


@pytest_asyncio.fixture(scope="module")
async def booking(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Booking]:
    async with booking_service(module_database, keys) as made:
        yield made


async def link(booking: Booking, workshop_id: str, owner: Headers, **body: str) -> Json:
    return await booking.post(f"/v1/workshops/{workshop_id}/calendars", owner, **body)


async def feed(booking: Booking, made: Json, **headers: str) -> httpx.Response:
    """Read a calendar as a calendar program does: without a token."""
    path = httpx.URL(made["url"]).path
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await booking.client.get(path, headers=named)


async def visits(booking: Booking, made: Json) -> dict[str, Any]:
    answer = await feed(booking, made)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    read = vobject.readOne(answer.text)
    return {each.uid.value: each for each in read.contents.get("vevent", [])}


async def test_a_visit_stands_in_the_calendars_of_what_it_is_given(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop(bays=2)
    path = f"/v1/workshops/{workshop_id}/resources"
    ann = await booking.post(path, owner, kind="technician", name="Ann")
    car = await booking.post(path, owner, kind="loan-car", name="Yaris")
    service = await booking.service_of(
        workshop_id, owner, resources=["technician", "loan-car"], buffer_after="PT30M"
    )
    whole = await link(booking, workshop_id, owner)
    of_ann = await link(booking, workshop_id, owner, resource_id=ann["id"])
    of_car = await link(booking, workshop_id, owner, resource_id=car["id"])
    assert await visits(booking, of_ann) == {}

    with_her = await booking.book(
        workshop_id, owner, services=[{"catalog_id": service["id"]}], notes="Ring first;\nno, knock"
    )
    without = await booking.book(workshop_id, owner)
    assert set(await visits(booking, whole)) == {with_her["id"], without["id"]}
    (event,) = (await visits(booking, of_ann)).values()
    assert event.dtstart.value == datetime.fromisoformat(with_her["drop_off_at"])
    assert event.dtend.value == datetime.fromisoformat(with_her["ends_at"])
    assert event.summary.value == "Oil change: ABC123"
    assert "Ring first;\nno, knock" in event.description.value
    assert (event.status.value, event.sequence.value) == ("CONFIRMED", "1")
    (lent,) = (await visits(booking, of_car)).values()
    assert lent.dtend.value == datetime.fromisoformat(with_her["pick_up_at"])
    for made in (whole, of_ann, of_car):
        text = (await feed(booking, made)).text.replace("\r\n ", "")
        assert "Ada Lovelace" in text
        assert not any(CUSTOMER[secret] in text for secret in ("email", "phone"))


async def test_a_visit_keeps_its_uid_and_counts_up_until_it_is_cancelled(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop()
    made = await link(booking, workshop_id, owner)
    visit = await booking.book(workshop_id, owner)
    first = await feed(booking, made)
    for known in ({"if_none_match": first.headers["etag"]},
                  {"if_none_match": f'"other", W/{first.headers["etag"]}'},
                  {"if_modified_since": first.headers["last-modified"]}):  # fmt: skip
        again = await feed(booking, made, **known)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    assert (await feed(booking, made)).content == first.content

    later = datetime.fromisoformat(visit["drop_off_at"]) + timedelta(hours=2)
    at = {"drop_off_at": later.isoformat().replace("+00:00", "Z")}
    path = f"/v1/bookings/{visit['id']}"
    moved = await booking.client.post(f"{path}/reschedule", json=at, headers=owner)
    assert moved.status_code == 200, moved.text
    changed = await feed(booking, made, if_none_match=first.headers["etag"])
    assert changed.status_code == 200
    event = (await visits(booking, made))[visit["id"]]
    assert (event.dtstart.value, event.sequence.value) == (later, "2")
    body = {"status": "cancelled", "reason": "sold"}
    gone = await booking.client.post(f"{path}/status", json=body, headers=owner)
    assert gone.status_code == 200
    event = (await visits(booking, made))[visit["id"]]
    assert (event.status.value, event.sequence.value) == ("CANCELLED", "3")
    assert event.transp.value == "TRANSPARENT"
    assert "Cancelled: sold" in event.description.value


async def test_a_link_is_as_good_as_its_secret(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop()
    other_id, other = await booking.workshop()
    made = await link(booking, workshop_id, owner)
    path = f"/v1/workshops/{workshop_id}/calendars"
    once = owner | {"Idempotency-Key": "rotate"}
    rotated = [
        (await booking.client.post(f"{path}/{made['id']}/rotate", headers=once)).json()
        for _ in range(2)
    ]
    assert rotated[0] == rotated[1]
    assert rotated[0]["url"] != made["url"]
    assert len(httpx.URL(rotated[0]["url"]).path) > 50
    assert (await feed(booking, made)).json()["code"] == "not-found"
    assert (await feed(booking, rotated[0])).status_code == 200
    listed = (await booking.client.get(path, headers=owner)).json()["data"]
    assert listed == [rotated[0]]

    for method, where in (("POST", f"{made['id']}/rotate"), ("DELETE", made["id"])):
        for account, workshop in ((other, workshop_id), (other, other_id)):
            url = f"/v1/workshops/{workshop}/calendars/{where}"
            refused = await booking.client.request(method, url, headers=account)
            assert refused.status_code == 404
    revoked = await booking.client.delete(f"{path}/{made['id']}", headers=owner)
    assert revoked.status_code == 204
    assert (await feed(booking, rotated[0])).status_code == 404

    courtesy = {"kind": "courtesy", "name": "Lift", "capacity": 2}
    lift = await booking.post(f"/v1/workshops/{workshop_id}/resources", owner, **courtesy)
    for resource_id, code in (
        (lift["id"], "not-of-this-kind"),
        (f"res_{made['id'][4:]}", "unknown-resource"),
    ):
        answer = await booking.client.post(path, json={"resource_id": resource_id}, headers=owner)
        (error,) = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == ("/resource_id", code)


async def test_a_calendar_reaches_half_a_year_ahead(
    booking: Booking,
) -> None:
    workshop_id, owner = await booking.workshop()
    made = await link(booking, workshop_id, owner)
    near, far = [
        await booking.book(workshop_id, owner, drop_off_at=await starts(booking, workshop_id, n))
        for n in (170, 190)
    ]
    assert set(await visits(booking, made)) == {near["id"]}
    booking.clock.advance(timedelta(days=15))
    assert set(await visits(booking, made)) == {near["id"], far["id"]}


async def starts(booking: Booking, workshop_id: str, ahead: int) -> str:
    days = dict.fromkeys(("from", "to"), booking.day(ahead))
    return (await booking.starts(workshop_id, booking.partner(), **days))[0]


async def came_before(
    booking: Booking, visit: Json, days: int, number: int, status: str = "done"
) -> None:
    """Let as many visits have been so many days before another."""
    async with booking.service.engine.begin() as connection:
        known = select(bookings).where(bookings.c.id == visit["id"])
        row = (await connection.execute(known)).mappings().one()
        kept = {each.name: row[each.name] for each in bookings.c if each.computed is None}
        before = timedelta(days=days)
        then = {"status": status, "day": row["day"] - before, "hold_id": None}
        times = {name: row[name] - before for name in ("drop_off_at", "ends_at", "pick_up_at")}
        await connection.execute(
            insert(bookings),
            [kept | then | times | {"id": f"{visit['id']}-{days}-{n}"} for n in range(number)],
        )


async def test_who_asks_again_for_an_unchanged_calendar_costs_next_to_nothing(
    booking: Booking,
) -> None:
    workshop_id, owner = await booking.workshop()
    made = await link(booking, workshop_id, owner)
    visit = await booking.book(workshop_id, owner)

    async def whole_visits_read(**headers: str) -> tuple[httpx.Response, int]:
        async with reads_of(booking.service.engine, "bookings") as reads:
            answer = await feed(booking, made, **headers)
        return answer, sum("bookings.customer" in query for query, _ in reads.queries)

    first, read = await whole_visits_read()
    assert read == 1
    again, read = await whole_visits_read()
    assert (again.content, read) == (first.content, 0)
    known, read = await whole_visits_read(if_none_match=first.headers["etag"])
    assert (known.status_code, read) == (304, 0)
    await booking.move(visit, owner, "processing")
    changed, read = await whole_visits_read(if_none_match=first.headers["etag"])
    assert (changed.status_code, read) == (200, 1)
    assert changed.content != first.content


async def test_two_resources_of_one_name_have_a_calendar_each(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop()
    path = f"/v1/workshops/{workshop_id}/resources"
    made = [
        await booking.post(path, owner, kind=kind, name="One")
        for kind in ("technician", "loan-car")
    ]
    fit = await booking.service_of(workshop_id, owner, resources=["technician", "loan-car"])
    last = (await booking.starts(workshop_id, owner))[-2]
    visit = await booking.book(
        workshop_id, owner, drop_off_at=last, services=[{"catalog_id": fit["id"]}]
    )
    links = [await link(booking, workshop_id, owner, resource_id=each["id"]) for each in made]
    tags = [(await feed(booking, each)).headers["etag"] for each in links]
    assert tags[0] != tags[1]
    assert [set(await visits(booking, each)) for each in links] == [{visit["id"]}] * 2


async def test_a_calendar_without_room_for_all_shows_the_next_visits(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop(bays=2)
    made = await link(booking, workshop_id, owner)
    coming = await booking.book(workshop_id, owner)
    beside = await booking.book(workshop_id, owner, drop_off_at=coming["drop_off_at"])
    of_bay = await link(booking, workshop_id, owner, resource_id=beside["bay_id"])
    days = (datetime.fromisoformat(coming["drop_off_at"]) - booking.clock.now()).days
    await came_before(booking, coming, days + 3, MOST_ENTRIES - 3)
    await came_before(booking, coming, days + 20, 1)
    await came_before(booking, coming, days + 25, 1)
    shown = await visits(booking, made)
    assert len(shown) == MOST_ENTRIES
    assert {coming["id"], beside["id"]} <= set(shown)
    dates = sorted(each.dtstart.value for each in shown.values())
    told = (await feed(booking, made)).text.replace("\r\n ", "")
    assert f"from {dates[0].date()} to {dates[-1].date()}" in told
    # The one that was longest ago is left out, and no other.
    now = booking.clock.now()
    assert now - timedelta(days=22) < dates[0] < now - timedelta(days=15) < dates[1]

    assert set(await visits(booking, of_bay)) == {beside["id"]}
    assert "more visits" not in (await feed(booking, of_bay)).text
    # Nor do cancelled ones take the room of those that stand, however soon they would have been.
    await came_before(booking, coming, 1, MOST_ENTRIES, "cancelled")
    assert set(await visits(booking, made)) == set(shown)

    fits = await link(booking, (other := await booking.workshop())[0], other[1])
    await booking.book(*other)
    assert "more visits" not in (await feed(booking, fits)).text
