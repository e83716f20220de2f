"""Orders without a quote: priced as a quote would be, paid at once, and scheduled."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from infra.databases import MakeDatabase
from infra.orders import OrderDesk
from infra.running import running
from infra.waiting import eventually
from services.quote.main import build
from services.quote.settings import QuoteSettings
from shared.ids import new_id

CARD = {"method": "card", "token": "tok_visa"}
CAR = {"vin": "1HGCM82633A004352", "registration": {"plate": "ABC123", "country": "AU"}}
ITEMS = [{"service": "detailing", "notes": "no scent"}, {"service": "brakes", "quantity": 3}]
SAME = ("type", "subtotal", "tax", "total", "estimated_duration")


@pytest_asyncio.fixture(scope="module")
async def quotes(
    desk: OrderDesk, module_database: MakeDatabase
) -> AsyncIterator[httpx.AsyncClient]:
    """Run the quote service, which tells of the default rate card as it starts."""
    settings = desk.settings.model_dump(exclude={"database_url"})
    service = build(
        QuoteSettings(database_url=await module_database("quote"), **settings),
        clock=desk.clock,
        keys=desk.keys,
    )
    async with running(service) as client:
        yield client


@pytest.fixture
def account() -> str:
    return new_id("par")


def start(desk: OrderDesk, **later: float) -> dict[str, str]:
    at = desk.clock.now().replace(microsecond=0) + timedelta(**later)
    return {"start_at": at.isoformat().replace("+00:00", "Z")}


def body(desk: OrderDesk, **changes: Any) -> dict[str, Any]:
    wanted = {"type": "reconditioning", "vehicle": CAR, "items": ITEMS, "payment": CARD}
    return wanted | {"schedule": start(desk, days=3)} | changes


async def order(desk: OrderDesk, account: str, asked: Any, **more: str) -> httpx.Response:
    headers = desk.partner(account) | {"Prefer": "wait=10"} | more
    return await desk.client.post("/v1/orders", json=asked, headers=headers)


@pytest.mark.seed(4, 10)
@pytest.mark.parametrize(
    "named",
    [{}, {"vehicle_class": "suv"}, {"vin": "WV1ZZZ7HZ8H000001"}, {"vin": "XLRTE47MS0E000001"}],
)
async def test_a_direct_order_costs_what_a_quote_does(
    desk: OrderDesk, quotes: httpx.AsyncClient, account: str, named: dict[str, str]
) -> None:
    car = CAR | named
    asked = {"vehicle": car, "items": ITEMS}
    quote = (await quotes.post("/v1/quotes", json=asked, headers=desk.partner(account))).json()
    answer = await order(desk, account, body(desk, vehicle=car))
    placed = answer.json()
    assert answer.status_code == 201, answer.text
    assert {name: placed[name] for name in SAME} == {name: quote[name] for name in SAME}
    assert placed["vehicle"]["vehicle_class"] == quote["vehicle"]["vehicle_class"]
    lines = [("service", "description", "quantity", "notes", "price", "tax", "total")]
    ours = [[item[name] for name in lines[0]] for item in placed["items"]]
    assert ours == [[item[name] for name in lines[0]] for item in quote["items"]]


@pytest.mark.seed(4, 10)
async def test_a_workshops_own_rates_and_its_countrys_tax_are_the_same_in_both(
    desk: OrderDesk, quotes: httpx.AsyncClient, account: str
) -> None:
    garage, operator = new_id("par"), desk.keys.headers("operator")
    workshop = await desk.workshop(garage)
    tax = {"taxes": [{"tax_rate": "0.15375", "rounding": "up"}]}
    assert (await quotes.put("/v1/taxes/AU", json=tax, headers=operator)).is_success

    def money(amount: int) -> dict[str, Any]:
        return {"amount": amount, "currency": "AUD"}

    rate = {
        "labour_hours": "1.35",
        "hourly_rate": money(13333),
        "sublet": money(777),
        "discount": money(101),
        "tax_rate": "0.10",
    }
    over = {"valid_until": "2026-01-01T00:00:00Z"}
    own = [rate | over, rate | {"valid_from": over["valid_until"], "hourly_rate": money(9999)}]
    card = {"title": "Detail", "rounding": "half-even", "rates": own}
    put = await quotes.put(
        "/v1/rate-cards/detailing",
        params={"workshop_id": workshop},
        json=card,
        headers=desk.workshop_headers(garage) | {"Prefer": "wait=10"},
    )
    assert put.is_success, put.text
    glass = {"title": "Windscreen", "rates": [rate | {"own_tax": True}]}
    assert (await quotes.put("/v1/rate-cards/glass", json=glass, headers=operator)).is_success

    items = [{"service": name, "quantity": 7} for name in ("detailing", "brakes", "glass")]
    asked = {"vehicle": CAR, "items": items, "workshop_id": workshop}
    made = await quotes.post("/v1/quotes", json=asked, headers=desk.partner(account))
    quote = made.json()

    async def same() -> bool:
        placed = (await order(desk, account, body(desk, **asked))).json()
        return {name: placed.get(name) for name in SAME} == {name: quote[name] for name in SAME}

    assert await eventually(same)
    untaxed = {"taxes": []}
    assert (await quotes.put("/v1/taxes/AU", json=untaxed, headers=operator)).is_success


@pytest.mark.seed(4, 10)
@pytest.mark.parametrize(("region", "tax"), [("CA-QC", 152 + 302), ("CA-ON", 394), ("CA-AB", 152)])
async def test_a_regions_taxes_are_the_same_in_both(
    desk: OrderDesk, quotes: httpx.AsyncClient, account: str, region: str, tax: int
) -> None:
    """GST of 30.30 is 1.515, QST 3.022: apart, each is rounded by itself."""
    workshop = await desk.workshop(new_id("par"), "CA", region)
    operator = desk.keys.headers("operator")
    hourly = {"amount": 1010, "currency": "CAD"}
    rates = [{"hourly_rate": hourly, "labour_hours": "1", "tax_rate": "0.10"}]
    card = {"title": "Towing", "rates": rates}
    assert (await quotes.put("/v1/rate-cards/towing", json=card, headers=operator)).is_success
    items = [{"service": "towing", "quantity": 3}]
    asked = {"vehicle": CAR, "items": items, "workshop_id": workshop}
    placed = (await order(desk, account, body(desk, **asked))).json()
    assert placed["tax"]["amount"] == tax

    async def quoted() -> bool:
        made = await quotes.post("/v1/quotes", json=asked, headers=desk.partner(account))
        return bool(made.json()["tax"]["amount"] == tax)

    assert await eventually(quoted)


@pytest.mark.seed(10, 11, 23)
async def test_a_direct_order_is_paid_pending_and_scheduled(
    desk: OrderDesk, quotes: httpx.AsyncClient, account: str
) -> None:
    asked = body(desk, external_reference="stock-9", contact={"email": "dana@example.com"})
    placed = (await order(desk, account, asked)).json()
    assert (placed["status"], placed["paid"], placed["quote_id"]) == ("pending", True, None)
    assert placed["scheduled_at"] == asked["schedule"]["start_at"]
    assert placed["estimated_completion_at"] > placed["scheduled_at"]
    assert placed["external_reference"] == "stock-9"
    assert await desk.events(placed) == [("payment.succeeded", 1), ("service.created", 1)]
    told = (await desk.logged(placed["id"]))[0]
    assert (told.data["scheduled_at"], told.data["total"]) == (
        placed["scheduled_at"],
        placed["total"],
    )


@pytest.mark.seed(8, 10)
async def test_a_declined_card_places_nothing_until_another_pays(
    desk: OrderDesk, quotes: httpx.AsyncClient, account: str
) -> None:
    refused = await order(desk, account, body(desk, payment=CARD | {"token": "tok_declined"}))
    assert refused.status_code == 402
    headers = desk.partner(account)
    assert (await desk.client.get("/v1/orders", headers=headers)).json()["data"] == []
    path = f"/v1/orders/{refused.json()['order_id']}/payments"
    paid = await desk.client.post(path, json=CARD, headers=headers)
    assert (paid.status_code, paid.json()["status"]) == (201, "pending")


async def test_what_nobody_paid_for_in_time_is_ordered_again(
    desk: OrderDesk, quotes: httpx.AsyncClient, account: str
) -> None:
    soon = body(desk, schedule=start(desk, seconds=60), payment=CARD | {"token": "tok_declined"})
    refused = await order(desk, account, soon)
    desk.clock.advance(timedelta(seconds=90))
    path = f"/v1/orders/{refused.json()['order_id']}/payments"
    late = await desk.client.post(path, json=CARD, headers=desk.partner(account))
    assert (late.status_code, late.json()["code"]) == (409, "start-passed")


@pytest.mark.seed(10)
async def test_a_payment_that_takes_long_is_told_of_later(
    desk: OrderDesk, quotes: httpx.AsyncClient, account: str
) -> None:
    slow = body(desk, payment=CARD | {"token": "tok_late_success"})
    begun = await order(desk, account, slow, Prefer="wait=0")
    assert (begun.status_code, begun.json()["status"]) == (202, "awaiting-payment")

    async def placed() -> bool:
        return bool((await desk.read(begun.json()["id"]))["status"] == "pending")

    assert await eventually(placed)


@pytest.mark.seed(10)
async def test_a_repeated_key_orders_once(
    desk: OrderDesk, quotes: httpx.AsyncClient, account: str
) -> None:
    asked, key = body(desk), {"Idempotency-Key": new_id("key")}
    first, again = (
        await order(desk, account, asked, **key),
        await order(desk, account, asked, **key),
    )
    assert (first.status_code, again.content) == (201, first.content)
    assert again.headers["idempotent-replayed"] == "true"


@pytest.mark.seed(10, 18)
async def test_a_direct_order_is_put_on_a_deal(
    desk: OrderDesk, quotes: httpx.AsyncClient, account: str
) -> None:
    headers = desk.partner(account)
    deal = (await desk.client.post("/v1/deals", json={"reference": "D"}, headers=headers)).json()
    asked = body(desk, payment={"method": "deal"}, deal_id=deal["id"])
    placed = await order(desk, account, asked)
    assert placed.status_code == 201, placed.text
    told = placed.json()
    assert (told["status"], told["paid"], told["payment"]) == ("pending", False, None)
    rolled = (await desk.client.get(f"/v1/deals/{deal['id']}", headers=headers)).json()
    assert told["id"] in rolled["order_ids"]


@pytest.mark.seed(2, 6, 10, 63)
@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"vehicle": {"vin": "1HGCM82633A00435"}}, "/vehicle/vin", "invalid-vin"),
        ({"vehicle": {"vin": "1HGCM82633A004353"}}, "/vehicle/vin", "wrong-check-digit"),
        ({"vehicle": None}, "/vehicle", "missing"),
        ({"items": []}, "/items", "too-short"),
        ({"items": [*ITEMS, {"service": "alchemy"}]}, "/items/2/service", "unknown-service"),
        ({"schedule": None}, "/schedule", "missing"),
        ({"schedule": {}}, "/schedule/start_at", "missing"),
        ({"schedule": {"start_at": "2020-01-01T00:00:00Z"}}, "/schedule/start_at", "in-the-past"),
        ({"schedule": {"start_at": "2190-01-01T00:00:00+02:00"}}, "/schedule/start_at", "not-utc"),
        ({"deal_id": new_id("dea")}, "/deal_id", "unknown-deal"),
        ({"workshop_id": new_id("wks")}, "/workshop_id", "unknown-workshop"),
        ({"needed_by": "2020-01-01T00:00:00Z"}, "/needed_by", "before-start"),
        ({"pre_authorized": {"amount": 1, "currency": "NZD"}}, "/pre_authorized/currency",
         "other-currency"),
        ({"quote_id": new_id("quo"), "vehicle": None, "schedule": None, "items": None,
          "type": None, "needed_by": "2190-01-01T00:00:00Z"}, "/needed_by", "not-with-a-quote"),
        ({"payment": {"method": "deal"}}, "/payment/method", "no-deal"),
        ({"payment": {"method": "card"}}, "/payment/token", "missing"),
        ({"type": "painting"}, "/type", "literal-error"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_named(
    desk: OrderDesk,
    quotes: httpx.AsyncClient,
    account: str,
    changes: dict[str, Any],
    pointer: str,
    code: str,
) -> None:
    answer = await order(desk, account, body(desk, **changes), Prefer="wait=1")
    assert answer.status_code == 422, answer.text
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]
    everything = {"headers": desk.partner(account), "params": {"status": "awaiting-payment"}}
    assert (await desk.client.get("/v1/orders", **everything)).json()["data"] == []


@pytest.mark.seed(10)
async def test_a_service_that_a_person_prices_needs_a_quote(
    desk: OrderDesk, quotes: httpx.AsyncClient, account: str
) -> None:
    rate = {"vehicle_class": "truck", "labour_hours": "1", "tax_rate": "0.1"}
    amount = {"amount": 10000, "currency": "AUD"}
    card = {"title": "Respray", "rates": [rate | {"hourly_rate": amount, "parts": amount}]}
    put = await quotes.put(
        "/v1/rate-cards/respray", json=card, headers=desk.keys.headers("operator")
    )
    assert put.is_success, put.text
    answer = await order(desk, account, body(desk, items=[{"service": "respray"}]))
    [error] = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/items/0/service", "needs-a-quote")
    lorry = body(desk, items=[{"service": "respray"}], vehicle=CAR | {"vehicle_class": "truck"})
    placed = await order(desk, account, lorry)
    assert placed.json()["subtotal"]["amount"] == 20000
