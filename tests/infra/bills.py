"""Open invoices, and cards that pay them."""

from __future__ import annotations

from typing import Any

import httpx

from infra.deals import closed, opened, ordered
from infra.invoices import as_operator
from infra.orders import OrderDesk

Json = dict[str, Any]

AT_PROVIDER = """
WITH ours AS (SELECT id FROM payments WHERE invoice_id = :i)
SELECT (SELECT coalesce(sum(amount), 0)::int FROM sandbox_charges
        WHERE state IN ('succeeded', 'underway') AND key IN (SELECT id FROM ours))
     - (SELECT coalesce(sum(amount), 0)::int FROM sandbox_refunds
        WHERE charge_key IN (SELECT id FROM ours))
"""


async def final_invoice(desk: OrderDesk, account: str, *prices: int) -> Json:
    """Close a deal with an order for each of these prices; return its invoice."""
    deal = await opened(desk, account)
    for price in prices:
        await ordered(desk, account, deal, price)
    invoice: Json = (await closed(desk, account, deal))["invoice"]
    return invoice


async def pay(
    desk: OrderDesk, account: str, invoice: Json, card: str = "tok_visa", **headers: str
) -> httpx.Response:
    """Pay an invoice by card, as its partner."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await desk.client.post(
        f"/v1/invoices/{invoice['id']}/pay",
        json={"payment": {"method": "card", "token": card}},
        headers=desk.partner(account) | named,
    )


async def read(desk: OrderDesk, invoice: Json) -> Json:
    """Read an invoice as an operator."""
    path = f"/v1/invoices/{invoice['id']}"
    answer = await desk.client.get(path, headers=desk.keys.headers("operator"))
    found: Json = answer.json()
    return found


async def told(desk: OrderDesk, invoice: Json) -> list[str]:
    """List what was told of an invoice and its own payments, in their order."""
    paid = (await read(desk, invoice))["payments"]
    return [row.type for row in await desk.logged(invoice["id"], *(each["id"] for each in paid))]


async def held(desk: OrderDesk, invoice: Json) -> int:
    """Count what the provider took for an invoice and didn't give back."""
    found: int = await desk.scalar(AT_PROVIDER, i=invoice["id"])
    return found


async def credited(desk: OrderDesk, invoice: Json, **body: Any) -> Json:
    """Credit some of an invoice, or all of it."""
    answer = await as_operator(desk, invoice, "credit-notes", {"reason": "scratched"} | body)
    assert answer.status_code == 201, answer.text
    note: Json = answer.json()
    return note
