"""A quote's work, booked: its lines and its time, once, where it was asked for."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
import pytest_asyncio

from infra.access import SigningKeys
from infra.booking import Booking, Headers, booking_service
from infra.databases import MakeDatabase
from infra.happenings import event
from services.booking.consumers import EFFECTS
from shared.ids import new_id

NAMES = ("service", "description", "quantity", "authorization")
LINES = [
    ("tyres", "Four tyres", 1, "open"),
    ("brakes", "Brake pads", 2, "authorized"),
    ("detailing", "Detail", 1, "declined"),
]


@pytest_asyncio.fixture(scope="module")
async def booking(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Booking]:
    async with booking_service(module_database, keys) as made:
        yield made


async def quoted(
    booking: Booking, partner_id: str, *, sequence: int = 1, what: str = "created", **more: object
) -> str:
    """Let the quote service have told of a quote."""
    quote_id = str(more.setdefault("id", new_id("quo")))
    items = [
        {"id": new_id("itm"), "price": {"amount": 40000 + n, "currency": "AUD"}}
        | dict(zip(NAMES, line, strict=True))
        for n, line in enumerate(LINES)
    ]
    told = event(
        f"quote.{what}",
        partner_id=partner_id,
        subject=quote_id,
        sequence=sequence,
        **{"items": items, "estimated_duration": "PT3H30M", "workshop_id": None} | more,
    )
    async with booking.service.database.transaction() as work:
        await EFFECTS[told.type](work, told)
    return quote_id


async def refusal(booking: Booking, headers: Headers, **visit: object) -> tuple[int, str]:
    answer = await booking.client.post(
        "/v1/bookings", json=visit, headers=headers | {"Prefer": "wait=0"}
    )
    said = answer.json()
    (error,) = said.get("errors") or [{"code": said["code"]}]
    return answer.status_code, error["code"]


@pytest.mark.seed(47, 58)
async def test_a_quotes_lines_and_time_are_booked_once(booking: Booking, keys: SigningKeys) -> None:
    workshop_id, _ = await booking.workshop(bays=3)
    account = new_id("par")
    partner = keys.headers("partner", partner_id=account)
    quote_id = await quoted(booking, account)
    starts = await booking.starts(workshop_id, partner, duration="PT3H30M")
    assert len(starts) == 10  # from nine to half past one, for it closes at five
    visit = await booking.visit(workshop_id, partner, quote_id=quote_id, drop_off_at=starts[-1])
    bodies = [visit for _ in range(10)]
    answers = await asyncio.gather(
        *(booking.client.post("/v1/bookings", json=body, headers=partner) for body in bodies)
    )
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 9}
    (made,) = (answer.json() for answer in answers if answer.status_code == 201)
    again = {answer.json()["code"] for answer in answers if answer.status_code == 409}
    assert again == {"quote-booked"}
    assert all(a.json()["booking_id"] == made["id"] for a in answers if a.status_code == 409)
    took = datetime.fromisoformat(made["ends_at"]) - datetime.fromisoformat(made["drop_off_at"])
    assert took == timedelta(hours=3, minutes=30)
    assert made["quote_id"] == quote_id
    shown = [(each["code"], each["category"], each["title"]) for each in made["services"]]
    assert shown == [("tyres", "tyres", "Four tyres"), ("brakes", "maintenance", "Brake pads x 2")]
    assert made["services"][0]["cost"] == {"amount": 40000, "currency": "AUD"}
    ((_, _, told),) = await booking.events(made["id"])
    assert told["quote_id"] == quote_id

    await booking.move(made, partner, "cancelled")
    own = {"services": [{"title": "Only the tyres", "duration": "PT1H"}]}
    anew = await booking.book(workshop_id, partner, quote_id=quote_id, **own)
    assert [each["title"] for each in anew["services"]] == ["Only the tyres"]


@pytest.mark.seed(33, 58)
async def test_a_quote_is_its_partners_for_its_workshop_and_while_it_is_open(
    booking: Booking, keys: SigningKeys
) -> None:
    workshop_id, _ = await booking.workshop(bays=3)
    account = new_id("par")
    partner = keys.headers("partner", partner_id=account)
    visit = await booking.visit(workshop_id, partner)
    for quote_id in (new_id("quo"), await quoted(booking, new_id("par"))):
        refused = await refusal(booking, partner, **visit, quote_id=quote_id)
        assert refused == (422, "unknown-quote")
    elsewhere = await quoted(booking, account, workshop_id=new_id("wks"))
    assert await refusal(booking, partner, **visit, quote_id=elsewhere) == (422, "other-workshop")
    over = await quoted(booking, account, workshop_id=workshop_id)
    await quoted(booking, account, id=over, sequence=3, what="expired", status="expired")
    await quoted(booking, account, id=over, sequence=2, what="priced")  # late, and so no news
    assert await refusal(booking, partner, **visit, quote_id=over) == (409, "quote-expired")


@pytest.mark.seed(58)
async def test_a_hold_may_be_for_a_quotes_work(booking: Booking, keys: SigningKeys) -> None:
    workshop_id, _ = await booking.workshop()
    account = new_id("par")
    partner = keys.headers("partner", partner_id=account)
    visit = await booking.visit(workshop_id, partner)
    slot = {name: visit.pop(name) for name in ("workshop_id", "service_category", "drop_off_at")}
    hold = await booking.post("/v1/holds", partner, **slot)
    quote_id = await quoted(booking, account, workshop_id=workshop_id)
    visit |= {"hold_id": hold["id"], "quote_id": quote_id}
    made = await booking.post("/v1/bookings", partner, **visit)
    assert (made["quote_id"], made["services"]) == (quote_id, [])
