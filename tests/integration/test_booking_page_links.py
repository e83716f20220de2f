"""Partners' links to the booking page, and whoever else sends it anything."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio

from infra.access import SigningKeys
from infra.booking import Booking, Headers, booking_service
from infra.databases import MakeDatabase
from infra.visitors import DETAILS, Visitor, bookings_of
from services.booking.sealing import MAX_CHARACTERS
from shared.ids import new_id

CUSTOMER = {"name": "Grace Hopper", "email": "grace@example.com", "phone": "+61412345678"}
CAR = {
    "registration": {"plate": "GRC-01", "country": "NZ"},
    "make": "Honda",
    "model": "Jazz",
    "mileage": 84000,
}
SITE = "https://www.harbour.example"


@pytest_asyncio.fixture(scope="module")
async def booking(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Booking]:
    async with booking_service(module_database, keys, public_url="") as made:
        yield made


@pytest.fixture
def visitor(booking: Booking) -> Visitor:
    return Visitor(booking.client)


async def linked(booking: Booking, partner: Headers, workshop_id: str, **more: object) -> str:
    body = {"workshop_id": workshop_id, "customer": CUSTOMER, "car": CAR} | more
    url: str = (await booking.post("/v1/booking-links", partner, **body))["url"]
    return url


@pytest.mark.seed(62, 43)
async def test_a_link_opens_the_workshop_credits_the_partner_and_fills_in_what_it_is_given(
    booking: Booking, visitor: Visitor
) -> None:
    workshop_id, owner = await booking.workshop()
    oil = await booking.service_of(workshop_id, owner)
    partner = booking.partner()
    more = {"services": [oil["id"]], "external_reference": "crm-1", "notes": "Ring first."}
    url = await linked(booking, partner, workshop_id, **more)
    assert url.startswith(f"/book/{workshop_id}?")
    for private in ("Grace", "grace", "412345678", "GRC", "crm-1"):
        assert private not in url
    await visitor.open(url)
    assert f'value="{oil["id"]}" checked' in visitor.text
    link = httpx.URL(url).params["link"]
    await (await visitor.choose(workshop_id, oil["id"], link=link)).take()
    filled = [visitor.value(field) for field in ("name", "email", "phone", "plate")]
    assert filled == [*CUSTOMER.values(), "GRC-01"]
    assert 'value="NZ" selected' in visitor.text
    assert "Ring first." in visitor.text
    given = {"country": "NZ", "notes": "Ring first."}
    await visitor.send(given | dict(zip(("name", "email", "phone", "plate"), filled, strict=True)))

    [made] = await bookings_of(booking, partner)
    assert (made["source"], made["external_reference"]) == ("link", "crm-1")
    assert (made["car"]["model"], made["car"]["mileage"]) == ("Jazz", 84000)
    assert made["notes"] == "Ring first."
    # The same link again shows the booking that stands.
    await visitor.open(url)
    assert "booked already" in visitor.text
    assert made["id"] in visitor.text
    assert len(await bookings_of(booking, owner)) == 1


@pytest.mark.seed(43, 62)
async def test_a_reference_that_stands_elsewhere_is_shown_there(
    booking: Booking, visitor: Visitor
) -> None:
    here, _ = await booking.workshop()
    there, _ = await booking.workshop()
    partner = booking.partner()
    url = await linked(booking, partner, here, external_reference="crm-9")
    link = httpx.URL(url).params["link"]
    await visitor.choose(here, other="Rattles", link=link)
    slot = visitor.slots[0]
    await visitor.take()
    stands = await booking.book(there, partner, external_reference="crm-9")
    await visitor.send(DETAILS)
    assert "nothing was booked twice" in visitor.text
    assert stands["id"] in visitor.text
    assert f"/book/{there}/manage" in visitor.address
    assert len(await bookings_of(booking, partner)) == 1
    # What was held meanwhile is free again.
    await visitor.choose(here, other="Rattles")
    assert slot in visitor.slots
    await visitor.open(url)
    assert stands["id"] in visitor.text


@pytest.mark.seed(60)
async def test_a_reminders_code_opens_the_page_filled_in_and_is_linked_with_what_is_booked(
    booking: Booking, visitor: Visitor
) -> None:
    workshop_id, owner = await booking.workshop()
    first = await booking.book(workshop_id, owner)
    await booking.move(first, owner, "processing", "done")
    (reminder_id,) = await booking.reminders_of(first)
    path = f"/v1/reminders/{reminder_id}"
    code = (await booking.client.get(path, headers=owner)).json()["code"]
    # As the mail has it.
    url = f"/book/{workshop_id}?code={code}"
    await visitor.open(url)
    assert "What is to be done?" in visitor.text
    await (await visitor.choose(workshop_id, other="Service", code=code)).take()
    assert visitor.value("name") == first["customer"]["name"]
    assert visitor.value("plate") == first["car"]["registration"]["plate"]
    await visitor.send(DETAILS)
    made, _ = await bookings_of(booking, owner)
    assert (made["source"], made["reminder_id"]) == ("reminder", reminder_id)
    again = await booking.client.get(path, headers=owner)
    assert again.json()["rebooking_id"] == made["id"]
    await visitor.open(url)
    assert made["id"] in visitor.text
    other, _ = await booking.workshop()
    for wrong in (url.replace(workshop_id, other), url + "x"):
        assert (await visitor.open(wrong)).status == 404


@pytest.mark.seed(62)
async def test_an_altered_or_expired_link_is_refused_in_plain_words(
    booking: Booking, visitor: Visitor
) -> None:
    workshop_id, _ = await booking.workshop()
    soon = (booking.clock.now() + timedelta(minutes=12)).isoformat().replace("+00:00", "Z")
    url = await linked(booking, booking.partner(), workshop_id, expires_at=soon)
    await visitor.open(url[:-3] + "AAA")
    assert (visitor.status, "was altered" in visitor.text) == (404, True)
    other, _ = await booking.workshop()
    await visitor.open(url.replace(workshop_id, other))
    assert (visitor.status, "was altered" in visitor.text) == (404, True)
    sealed, day = httpx.URL(url).params["link"], booking.day(2)
    await visitor.choose(workshop_id, other="Rattles", link=sealed, day=day)
    await visitor.take()
    booking.clock.advance(timedelta(minutes=13))
    # What was begun in time may be finished.
    assert (await visitor.send(DETAILS)).status == 200
    await visitor.open(url)
    assert (visitor.status, "link has expired" in visitor.text) == (410, True)
    await visitor.open(visitor.link("/book/"))
    assert "What is to be done?" in visitor.text


async def test_a_link_is_of_a_workshop_and_services_that_are_there(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop()
    other, stranger = await booking.workshop()
    oil = await booking.service_of(other, stranger)
    yesterday = (booking.clock.now() - timedelta(days=1)).isoformat().replace("+00:00", "Z")
    for body, pointer in [
        ({"workshop_id": new_id("wks")}, "/workshop_id"),
        ({"services": [oil["id"]]}, "/services/0"),
        ({"expires_at": yesterday}, "/expires_at"),
        ({"customer": {"email": "no"}}, "/customer/email"),
    ]:
        answer = await booking.client.post(
            "/v1/booking-links", json={"workshop_id": workshop_id} | body, headers=owner
        )
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == pointer
    long = {"workshop_id": workshop_id, "notes": "\U0001f697" * 1000}
    answer = await booking.client.post("/v1/booking-links", json=long, headers=owner)
    assert (answer.status_code, answer.json()["code"]) == (422, "link-too-long")


async def test_only_the_workshops_own_sites_may_frame_it(
    booking: Booking, visitor: Visitor
) -> None:
    workshop_id, owner = await booking.workshop()
    path = f"/v1/workshops/{workshop_id}"

    async def framed_by(query: str) -> tuple[str, str | None]:
        answer = await booking.client.get(f"/book/{workshop_id}{query}")
        policy = answer.headers["content-security-policy"]
        found = next(each for each in policy.split("; ") if each.startswith("frame-ancestors"))
        return found, answer.headers.get("x-frame-options")

    assert await framed_by("?embed=1") == ("frame-ancestors 'none'", "DENY")
    for wrong in ("https://*", "http://a.example", "https://a.example/x", "https://a.b; x", "*"):
        answer = await booking.client.patch(path, json={"embed_origins": [wrong]}, headers=owner)
        assert answer.status_code == 422, wrong
    answer = await booking.client.patch(path, json={"embed_origins": [SITE]}, headers=owner)
    assert answer.json()["embed_origins"] == [SITE]
    assert await framed_by("") == ("frame-ancestors 'none'", "DENY")
    assert await framed_by("?embed=1") == (f"frame-ancestors {SITE}", None)
    await visitor.choose(workshop_id, other="Rattles", embed="1")
    await visitor.take()
    assert "embed=1" in visitor.address
    assert "embed=1" in (await visitor.send(DETAILS)).address


HOSTILE = (
    "../../etc/passwd", "' OR 1=1 --", "<script>", "\ud7ff\ufffe", "x" * 7000, "-1", "%", "\u0001",
    "NaN", "2026-02-30", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "null", "[]", "🚗" * 50,
)  # fmt: skip


async def test_nothing_that_is_sent_is_a_fault_of_ours(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop()
    oil = await booking.service_of(workshop_id, owner)
    good = {
        "service": oil["id"],
        "attempt": new_id("att"),
        "slot": "2026-12-01T06:00:00Z",
    } | DETAILS
    names = (*good, "other", "hold", "key", "link", "code", "lang", "embed", "day", "reason")
    client = booking.client
    for place, name in enumerate(names):
        async with booking.service.engine.begin() as connection:
            await connection.exec_driver_sql("DELETE FROM page_tries")  # or they'd all be 429
        for value in HOSTILE[place % 3 :: 3]:
            for step in ("", "/times", "/details", "/manage", "/move", "/cancel", "/booking.ics"):
                query = {"service": oil["id"]} | {name: value}
                answer = await client.get(f"/book/{workshop_id}{step}", params=query)
                assert answer.status_code < 500, (step, name, value)
            for step in ("hold", "details", "move", "cancel"):
                form = good | {name: value}
                answer = await client.post(f"/book/{workshop_id}/{step}", data=form)
                assert answer.status_code < 500, (step, name, value)
    for raw in (b"\xff\xfe=%ff", b"&&==&", b"a" * 300_000, b"service=" + b"&service=x" * 500):
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await client.post(f"/book/{workshop_id}/hold", content=raw, headers=kind)
        assert answer.status_code < 500
    file = {"slot": ("x.txt", b"x"), "name": ("y.txt", b"y")}
    assert (await client.post(f"/book/{workshop_id}/hold", files=file)).status_code < 500
    assert (await client.get(f"/book/{'x' * 65}")).status_code == 404
    assert (await client.get(f"/book/{new_id('wks')}")).status_code == 404
    link = "x" * (MAX_CHARACTERS + 1)
    assert (await client.get(f"/book/{workshop_id}?link={link}")).status_code == 404
