"""Invoices as an operator and their partners see them."""

from __future__ import annotations

from typing import Any

import httpx

from infra.orders import OrderDesk

Json = dict[str, Any]


async def invoices_of(desk: OrderDesk, account: str, **wanted: str) -> list[Json]:
    """List a partner's invoices, oldest first."""
    answer = await desk.client.get(
        "/v1/invoices", params={"limit": "100"} | wanted, headers=desk.partner(account)
    )
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["data"][::-1]
    for invoice in found:
        check_sums(invoice)
    return found


async def as_operator(desk: OrderDesk, invoice: Json, what: str, body: Json) -> httpx.Response:
    """Do something to an invoice."""
    return await desk.client.post(
        f"/v1/invoices/{invoice['id']}/{what}", json=body, headers=desk.keys.headers("operator")
    )


def check_sums(invoice: Json) -> None:
    """See that the totals are the sums of the lines."""
    for field in ("price", "tax", "total"):
        name = {"price": "subtotal"}.get(field, field)
        assert sum(line[field]["amount"] for line in invoice["lines"]) == invoice[name]["amount"]
    for line in invoice["lines"]:
        assert line["price"]["amount"] + line["tax"]["amount"] == line["total"]["amount"]


async def check_traces(desk: OrderDesk, document: Json) -> None:
    """Follow each line to the event that made it: there, the same item has the same price."""
    for line in document["lines"]:
        [told] = [
            event
            for event in await desk.logged(line["order_id"])
            if str(event.id) == line["event_id"]
        ]
        [item] = [each for each in told.data["items"] if each["id"] == line["item_id"]]
        assert (item["price"], item["tax"]) == (line["price"], line["tax"])


async def canceled(desk: OrderDesk, account: str, order: dict[str, Any]) -> None:
    """Cancel an order, as its partner."""
    answer = await desk.client.post(
        f"/v1/orders/{order['id']}/cancel", json={"reason": "sold"}, headers=desk.partner(account)
    )
    assert answer.status_code == 200, answer.text
