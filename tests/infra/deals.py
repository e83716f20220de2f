"""Deals, and orders that are rolled up into their invoice."""

from __future__ import annotations

from typing import Any

import httpx

from infra.invoices import check_sums
from infra.orders import OrderDesk, aud
from shared.contracts.quote import QuoteItem
from shared.ids import new_id

Json = dict[str, Any]


async def opened(desk: OrderDesk, account: str, **more: Any) -> Json:
    """Open a deal."""
    answer = await desk.client.post(
        "/v1/deals", json={"reference": "DEAL-77"} | more, headers=desk.partner(account)
    )
    assert answer.status_code == 201, answer.text
    deal: Json = answer.json()
    assert answer.headers["Location"] == f"/v1/deals/{deal['id']}"
    return deal


async def read(desk: OrderDesk, account: str, deal: Json) -> Json:
    """Read a deal with all that stands on it."""
    answer = await desk.client.get(f"/v1/deals/{deal['id']}", headers=desk.partner(account))
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    for invoice in (*found["pending_invoices"], *found["separate_invoices"]):
        check_sums(invoice)
    return found


async def close(desk: OrderDesk, account: str, deal: Json, **body: Any) -> httpx.Response:
    """Close a deal."""
    return await desk.client.post(
        f"/v1/deals/{deal['id']}/close", json=body, headers=desk.partner(account)
    )


async def closed(desk: OrderDesk, account: str, deal: Json) -> Json:
    """Close a deal, whatever isn't finished."""
    answer = await close(desk, account, deal, include_unfinished=True)
    assert answer.status_code == 200, answer.text
    shut: Json = answer.json()
    if shut["invoice"]:
        check_sums(shut["invoice"])
    return shut


async def quoted(desk: OrderDesk, account: str, deal: Json, *prices: int) -> str:
    """Let there be a quote on a deal, of lines at these prices; return its id."""
    return (await desk.quote(account, deal_id=deal["id"], items=lines(*prices))).id


async def place(desk: OrderDesk, account: str, quote_id: str) -> httpx.Response:
    """Order a quote on its deal: nobody pays now."""
    body = {"quote_id": quote_id, "payment": {"method": "deal"}}
    headers = desk.partner(account) | {"Prefer": "wait=10"}
    return await desk.client.post("/v1/orders", json=body, headers=headers)


async def ordered(desk: OrderDesk, account: str, deal: Json, *prices: int) -> Json:
    """Place an order of lines at these prices on a deal."""
    answer = await place(desk, account, await quoted(desk, account, deal, *prices))
    assert answer.status_code == 201, answer.text
    order: Json = answer.json()
    return order


def lines(*prices: int) -> tuple[QuoteItem, ...]:
    """Make a quote's lines of these prices, with a tenth of each as tax."""
    return tuple(
        QuoteItem(
            id=new_id("itm"),
            service="wash",
            description=f"Work {place}",
            quantity=1,
            price=aud(price),
            tax=aud(price // 10),
            total=aud(price + price // 10),
            authorization="open",
        )
        for place, price in enumerate(prices, 1)
    )
