"""The quote service and the order service, which know one another by events alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
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

QUOTE = {
    "vehicle": {"vin": "1HGCM82633A004352", "registration": {"plate": "ABC123", "country": "AU"}},
    "items": [{"service": "detailing", "notes": "no scent"}, {"service": "brakes", "quantity": 2}],
    "contact": {"email": "fleet@example.com", "phone": "+61412345678"},
    "external_reference": "stock-7",
}
ALIKE = ("vehicle", "subtotal", "tax", "total", "estimated_duration", "estimated_completion_at",
         "contact", "external_reference", "type", "partner_id")  # fmt: skip


@pytest_asyncio.fixture(scope="module")
async def quotes(
    desk: OrderDesk, module_database: MakeDatabase
) -> AsyncIterator[httpx.AsyncClient]:
    settings = desk.settings.model_dump(exclude={"database_url"})
    url = await module_database("quote")
    service = build(QuoteSettings(database_url=url, **settings), clock=desk.clock, keys=desk.keys)
    async with running(service) as client:
        yield client


@pytest.mark.seed(7, 8)
async def test_a_quote_made_a_moment_ago_is_bought_once_and_knows_it(
    desk: OrderDesk, quotes: httpx.AsyncClient
) -> None:
    headers = desk.partner(new_id("par"))
    made = await quotes.post("/v1/quotes", json=QUOTE, headers=headers)
    quote: dict[str, Any] = made.json()
    answers = await asyncio.gather(*(desk.buy(headers, quote["id"]) for _ in range(3)))
    (order,) = [answer.json() for answer in answers if answer.status_code == 201]
    assert {name: order[name] for name in ALIKE} == {name: quote[name] for name in ALIKE}
    ours = [(item["id"], item["notes"], item["total"]) for item in order["items"]]
    assert ours == [(item["id"], item["notes"], item["total"]) for item in quote["items"]]
    bought = await eventually(lambda: _ordered(quotes, quote["id"], headers))
    assert (bought["paid"], bought["order_id"]) == (True, order["id"])
    assert bought["ordered_version"] == order["quote_version"] == 1


@pytest.mark.seed(7, 71)
async def test_what_was_declined_is_neither_paid_nor_ordered_and_paying_agrees_to_the_rest(
    desk: OrderDesk, quotes: httpx.AsyncClient
) -> None:
    headers = desk.partner(new_id("par"))
    items = [{"service": service} for service in ("wash", "paint", "glass")]
    made = await quotes.post("/v1/quotes", json=QUOTE | {"items": items}, headers=headers)
    quote = made.json()
    for place, word in ((0, "authorized"), (1, "declined")):
        path = f"/v1/quotes/{quote['id']}/items/{quote['items'][place]['id']}"
        decided = await quotes.patch(path, json={"authorization": word}, headers=headers)
        assert decided.status_code == 200, decided.text

    async def known() -> bool:
        query = "SELECT sequence FROM quotes WHERE id = :id"
        return bool(await desk.scalar(query, id=quote["id"]) == 3)

    assert await eventually(known)
    answer = await desk.buy(headers, quote["id"])
    assert answer.status_code == 201, answer.text
    order = answer.json()
    assert [item["service"] for item in order["items"]] == ["wash", "glass"]
    assert order["total"] == decided.json()["total"]

    bought = await eventually(lambda: _ordered(quotes, quote["id"], headers))
    words = [(item["authorization"], item["authorized_by"]["how"]) for item in bought["items"]]
    assert words == [("authorized", "api"), ("declined", "api"), ("authorized", "payment")]
    assert bought["authorized_total"] == bought["total"] == order["total"]


async def _ordered(
    client: httpx.AsyncClient, quote_id: str, headers: dict[str, str]
) -> dict[str, Any] | None:
    quote: dict[str, Any] = (await client.get(f"/v1/quotes/{quote_id}", headers=headers)).json()
    return quote if quote["status"] == "ordered" else None
