"""Quotes that wait for a person's price."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from infra.databases import MakeDatabase
from infra.notifying import notifier_settings, register
from infra.quoting import LEAK, VIN, QuoteDesk, aud, offer
from infra.receiver import receiving
from infra.running import read_topic, running
from infra.waiting import eventually
from services.notifier.main import build as build_notifier
from shared.ids import new_id


@pytest.mark.seed(58)
async def test_a_request_to_a_workshop_gets_its_prices_by_event_and_webhook(
    quoting: QuoteDesk, database: MakeDatabase
) -> None:
    bus = quoting.settings.model_dump(exclude={"database_url"})
    settings = notifier_settings(await database("notifier"), **bus)
    notifier = build_notifier(settings, keys=quoting.keys)
    account, mechanic = new_id("par"), new_id("par")
    partner = quoting.partner(account)
    async with running(notifier) as hooks, receiving() as receiver:
        await register(hooks, partner, receiver.url, "quote.priced")
        place = await quoting.workshop(mechanic)
        asked = await quoting.ask(partner, LEAK, {"service": "wash"}, workshop_id=place)
        assert (asked["status"], asked["total"], asked["workshop_id"]) == ("pending", None, place)
        await quoting.price(quoting.mechanic(mechanic), asked)
        webhook = (await receiver.of_type("quote.priced")).json
    priced = await quoting.read(asked["id"])
    assert (webhook["subject"], webhook["sequence"]) == (asked["id"], 2)
    assert webhook["data"] == priced
    assert priced["status"] == "awaiting-payment"

    async def on_the_topic() -> list[str]:
        events = await read_topic(quoting.settings, "quote.events", 1)
        found = [event.type for event in events if event.subject == asked["id"]]
        return found if len(found) == 2 else []

    assert await eventually(on_the_topic) == ["quote.created", "quote.priced"]


@pytest.mark.seed(58)
async def test_a_fault_waits_without_a_price_beside_lines_that_have_theirs(
    quoting: QuoteDesk,
) -> None:
    fault, wash = (await quoting.ask(quoting.partner(), LEAK, {"service": "wash"}))["items"]
    assert (fault["service"], fault["description"]) == ("fault", "Oil leaks at the sump")
    assert fault["fault"] == LEAK["fault"]
    assert [fault[name] for name in ("labour", "price", "tax", "total")] == [None] * 4
    assert wash["total"]["amount"] > 0


@pytest.mark.seed(4, 58)
async def test_a_persons_price_makes_the_quote_payable(quoting: QuoteDesk) -> None:
    partner, workshop = quoting.partner(), quoting.mechanic()
    asked = await quoting.ask(partner, LEAK | {"quantity": 2}, {"service": "wash"})
    assert asked["estimated_duration"] is asked["estimated_completion_at"] is None
    quoting.clock.advance(timedelta(days=1))
    priced = await quoting.price(workshop, asked, description="New sump gasket")

    line, wash = priced["items"]
    assert line["description"] == "New sump gasket"
    # twice 2.5 h at 120.00, 80.00 and 10.00, and a tenth of it
    assert [line[name] for name in ("labour", "parts", "fees")] == [
        aud(60000), aud(16000), aud(2000),
    ]  # fmt: skip
    assert (line["price"], line["tax"], line["total"]) == (aud(78000), aud(7800), aud(85800))
    assert priced["total"]["amount"] == line["total"]["amount"] + wash["total"]["amount"]
    assert priced["estimated_duration"] == "PT5H30M"
    assert priced["expires_at"] > asked["expires_at"]
    assert await quoting.read(asked["id"]) == priced
    assert await quoting.happened(asked["id"]) == [("quote.created", 1), ("quote.priced", 2)]


async def test_a_service_without_a_fitting_rate_waits_and_an_unknown_one_is_refused(
    quoting: QuoteDesk,
) -> None:
    operator, partner = quoting.operator, quoting.partner()
    amount = aud(10000)
    rate = {"labour_hours": "1", "hourly_rate": amount, "parts": amount, "fees": amount}
    card = {"title": "Tail lift", "rates": [rate | {"tax_rate": "0.1", "vehicle_class": "truck"}]}
    path = "/v1/rate-cards/tail-lift"
    assert (await quoting.client.put(path, json=card, headers=operator)).is_success
    asked = await quoting.ask(partner, {"service": "tail-lift"})
    assert (asked["status"], asked["items"][0]["total"]) == ("pending", None)

    items = [LEAK, {"service": "tail-lift"}, {"service": "teleport"}]
    body = {"vehicle": asked["vehicle"] | {"registration": None}, "items": items}
    answer = await quoting.client.post("/v1/quotes", json=body, headers=partner)
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/items/2/service", "unknown-service")


@pytest.mark.seed(2)
@pytest.mark.parametrize(
    ("item", "pointer", "code"),
    [
        ({}, "/items/0/service", "missing"),
        ({"fault": {}}, "/items/0/fault/description", "missing"),
        ({"fault": LEAK["fault"], "service": "wash"}, "/items/0/service", "not-both"),
        ({"fault": LEAK["fault"] | {"severity": "odd"}}, "/items/0/fault/severity", "enum"),
    ],
)
async def test_an_item_is_a_service_or_a_fault(
    quoting: QuoteDesk, item: dict[str, Any], pointer: str, code: str
) -> None:
    body = {"vehicle": {"vin": "1HGCM82633A004352"}, "items": [item]}
    answer = await quoting.client.post("/v1/quotes", json=body, headers=quoting.partner())
    errors = [(error["pointer"], error["code"]) for error in answer.json()["errors"]]
    assert errors == [(pointer, code)]


async def test_prices_are_for_every_open_line_and_no_other(quoting: QuoteDesk) -> None:
    workshop = quoting.mechanic()
    asked = await quoting.ask(quoting.partner(), LEAK, LEAK, {"service": "wash"})
    first, second, wash = (item["id"] for item in asked["items"])
    path = f"/v1/quotes/{asked['id']}/price"

    async def refused(*items: dict[str, Any]) -> list[tuple[str, str]]:
        answer = await quoting.client.post(path, json={"items": items}, headers=workshop)
        assert answer.status_code == 422, answer.text
        return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]

    euros = {"amount": 1, "currency": "EUR"}
    assert await refused(offer(item_id=first)) == [("/items", "price-missing")]
    both = [offer(item_id=first), offer(item_id=second)]
    assert await refused(*both, both[0]) == [("/items", "repeated")]
    assert await refused(*both, offer(item_id=wash)) == [("/items/2/item_id", "already-priced")]
    other = offer(item_id=new_id("itm"))
    assert await refused(other, *both) == [("/items/0/item_id", "unknown-item")]
    odd = offer(item_id=first, parts=euros)
    assert await refused(odd) == [("/items/0/parts", "mixed-currencies")]
    foreign = [each | dict.fromkeys(("hourly_rate", "parts", "fees"), euros) for each in both]
    assert await refused(*foreign) == [("/items", "mixed-currencies")]
    assert (await quoting.read(asked["id"]))["status"] == "pending"


@pytest.mark.seed(33)
async def test_only_the_workshop_that_is_asked_may_price(quoting: QuoteDesk) -> None:
    mechanic = new_id("par")
    place = await quoting.workshop(mechanic)
    partner = quoting.partner()
    asked = await quoting.ask(partner, LEAK, workshop_id=place)
    path, body = f"/v1/quotes/{asked['id']}", {"items": [offer(item_id=asked["items"][0]["id"])]}

    stranger = quoting.mechanic()
    assert (await quoting.client.get(path, headers=stranger)).status_code == 404
    for headers, status in [(stranger, 404), (partner, 403), (quoting.mechanic(mechanic), 200)]:
        answer = await quoting.client.post(f"{path}/price", json=body, headers=headers)
        assert answer.status_code == status, answer.text
    answer = await quoting.client.post(
        f"{path}/price", json=body, headers=quoting.mechanic(mechanic)
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "transition-not-allowed")


@pytest.mark.seed(33)
async def test_one_for_no_workshop_is_priced_by_the_first_and_then_seen_by_it_alone(
    quoting: QuoteDesk,
) -> None:
    first, other = quoting.mechanic(), quoting.mechanic()
    asked = await quoting.ask(quoting.partner(), LEAK)
    path = f"/v1/quotes/{asked['id']}"
    decline = await quoting.client.post(f"{path}/decline", json={}, headers=other)
    assert decline.status_code == 404  # it may offer, and not decide for everybody
    assert (await quoting.client.get(path, headers=other)).status_code == 200
    await quoting.price(first, asked)
    assert (await quoting.client.get(path, headers=other)).status_code == 404
    assert (await quoting.client.get(path, headers=first)).status_code == 200


@pytest.mark.seed(33)
async def test_whom_it_is_for_is_told_only_to_the_workshop_that_has_it(quoting: QuoteDesk) -> None:
    plate = {"plate": "SECRET1", "country": "AU"}
    contact = {"name": "Dana Reyes", "email": "dana@fleet.example", "phone": "+61412345678"}
    private = (*contact.values(), plate["plate"], "Kim Okafor")
    partner, first, other = quoting.partner(), quoting.mechanic(), quoting.mechanic()
    vehicle = {"vin": VIN, "registration": plate}
    asked = await quoting.ask(partner, {"service": "wash"}, vehicle=vehicle, contact=contact)
    path = f"/v1/quotes/{asked['id']}"
    word = {"authorization": "authorized", "authorized_by": {"name": "Kim Okafor", "how": "phone"}}
    wash = asked["items"][0]["id"]
    await quoting.client.patch(f"{path}/items/{wash}", json=word, headers=partner)
    asked = await quoting.post(f"{path}/revise", {"items": [{"item_id": wash}, LEAK]}, partner)

    async def seen(headers: dict[str, str]) -> list[bool]:
        listed = (await quoting.get("/v1/quotes", headers, limit="100"))["data"]
        found = [each for each in listed if each["id"] == asked["id"]]
        views = [
            str(found),
            *[
                (await quoting.client.get(f"{path}{view}", headers=headers)).text
                for view in ("", "/versions/2", "/versions/1", ".html")
            ],
        ]
        assert all(VIN in view for view in views)
        return [any(secret in view for secret in private) for view in views]

    assert await seen(first) == await seen(other) == [False] * 5
    assert await seen(partner) == await seen(quoting.operator) == [True] * 5
    both = quoting.headers("workshop", "partner", account=asked["partner_id"])
    assert await seen(both) == [True] * 5
    await quoting.price(first, asked)
    assert await seen(first) == [True] * 5
    assert (await quoting.client.get(path, headers=other)).status_code == 404

    mechanic = new_id("par")
    place = await quoting.workshop(mechanic)
    named = await quoting.ask(partner, LEAK, contact=contact, workshop_id=place)
    assert (await quoting.get(f"/v1/quotes/{named['id']}", quoting.mechanic(mechanic)))["contact"]


@pytest.mark.seed(33)
async def test_what_waits_for_nobodys_price_is_no_workshops_to_see(quoting: QuoteDesk) -> None:
    quote = await quoting.ask(quoting.partner(), {"service": "wash"})
    path, stranger = f"/v1/quotes/{quote['id']}", quoting.mechanic()
    assert (await quoting.client.get(path, headers=stranger)).status_code == 404
    listed = (await quoting.get("/v1/quotes", stranger))["data"]
    assert quote["id"] not in [each["id"] for each in listed]
    assert {each["status"] for each in listed} <= {"pending"}


@pytest.mark.seed(9)
async def test_a_request_that_nobody_prices_expires(quoting: QuoteDesk) -> None:
    asked = await quoting.ask(quoting.partner(), LEAK)
    left = datetime.fromisoformat(asked["expires_at"]) - quoting.clock.now()
    quoting.clock.advance(left + timedelta(seconds=1))

    async def expired() -> bool:
        return bool((await quoting.read(asked["id"]))["status"] == "expired")

    assert await eventually(expired)
    assert await quoting.happened(asked["id"]) == [("quote.created", 1), ("quote.expired", 2)]


async def test_the_sum_that_is_authorised_beforehand_is_in_the_quotes_currency(
    quoting: QuoteDesk,
) -> None:
    body = {
        "vehicle": {"vin": "1HGCM82633A004352"},
        "items": [{"service": "wash"}],
        "pre_authorized": {"amount": 100, "currency": "EUR"},
    }
    answer = await quoting.client.post("/v1/quotes", json=body, headers=quoting.partner())
    [error] = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/pre_authorized/currency", "mixed-currencies")
