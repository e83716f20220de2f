"""The quote service and the order service, which know one another by events alone."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

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


@pytest.mark.seed(7, 8)
async def test_a_quote_made_a_moment_ago_is_bought_once_and_knows_it(
    desk: OrderDesk, database: MakeDatabase
) -> None:
    settings = desk.settings.model_dump(exclude={"database_url"})
    quotes = build(
        QuoteSettings(database_url=await database("quote"), **settings),
        clock=desk.clock,
        keys=desk.keys,
    )
    headers = desk.partner(new_id("par"))
    async with running(quotes) as client:
        made = await client.post("/v1/quotes", json=QUOTE, headers=headers)
        quote: dict[str, Any] = made.json()
        answers = await asyncio.gather(*(desk.buy(headers, quote["id"]) for _ in range(3)))
        (order,) = [answer.json() for answer in answers if answer.status_code == 201]
        assert {name: order[name] for name in ALIKE} == {name: quote[name] for name in ALIKE}
        ours = [(item["id"], item["notes"], item["total"]) for item in order["items"]]
        assert ours == [(item["id"], item["notes"], item["total"]) for item in quote["items"]]
        bought = await eventually(lambda: _ordered(client, quote["id"], headers))
        assert (bought["paid"], bought["order_id"]) == (True, order["id"])


async def _ordered(
    client: httpx.AsyncClient, quote_id: str, headers: dict[str, str]
) -> dict[str, Any] | None:
    quote: dict[str, Any] = (await client.get(f"/v1/quotes/{quote_id}", headers=headers)).json()
    return quote if quote["status"] == "ordered" else None
