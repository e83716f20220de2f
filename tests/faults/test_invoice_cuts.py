"""The order service is killed while an invoice is paid by card, and while that goes back."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_asyncio

from infra.bills import credited, final_invoice, held, pay, read
from infra.killing import CHARGE, COMMIT, REFUND, SETTLE, Moment, Shop, standing
from infra.waiting import eventually
from shared.ids import new_id

TOTAL = 44000

BILLED = [
    Moment("charged, not settled", (CHARGE, SETTLE), standing(payments=1, charges=1, told=1)),
    Moment("settled, not committed", (COMMIT,), standing(payments=1, charges=1, told=1)),
]
CREDITING = Moment(
    "given back, not booked",
    (REFUND, COMMIT),
    standing(payments=1, charges=1, told=3, refunds=1, bills_paid=1),
)


@pytest_asyncio.fixture(scope="module", autouse=True)
async def bills(shop: Shop) -> list[tuple[str, dict[str, Any]]]:
    """Make all final invoices before anything is killed."""
    made = []
    for _ in (*BILLED, CREDITING):
        account = new_id("par")
        made.append((account, await final_invoice(shop.desk, account, 40000)))
    return made


@pytest.mark.seed(8, 22)
@pytest.mark.parametrize("moment", BILLED, ids=str)
async def test_an_invoices_payment_that_is_cut_off_is_one_charge_and_paid_once(
    shop: Shop, bills: list[tuple[str, dict[str, Any]]], moment: Moment
) -> None:
    account, invoice = bills.pop()
    keyed = {"Idempotency_Key": "pay", "Prefer": "wait=10"}
    paying = pay(shop.desk, account, invoice, **keyed)
    await shop.killed_at(moment, await _quote_of(shop, invoice), paying)

    async def paid() -> bool:
        return bool((await read(shop.desk, invoice))["status"] == "paid")

    await eventually(paid)  # and nobody had to ask again
    answer = await pay(shop.desk, account, invoice, **keyed)
    assert (answer.status_code, answer.json()["status"]) == (201, "paid")
    assert await shop.counted(await _quote_of(shop, invoice)) == standing(
        payments=1, charges=1, told=3, bills_paid=1
    )
    assert await held(shop.desk, invoice) == TOTAL


@pytest.mark.seed(21)
async def test_an_invoices_refund_that_is_cut_off_is_made_once(
    shop: Shop, bills: list[tuple[str, dict[str, Any]]]
) -> None:
    account, invoice = bills.pop()
    assert (await pay(shop.desk, account, invoice, Prefer="wait=10")).status_code == 201
    note = credited(shop.desk, invoice)
    await shop.killed_at(CREDITING, await _quote_of(shop, invoice), note)

    async def given_back() -> bool:
        [payment] = (await read(shop.desk, invoice))["payments"]
        return bool(payment["status"] == "refunded" and payment["refunded"]["amount"] == TOTAL)

    await eventually(given_back)
    assert await held(shop.desk, invoice) == 0
    [note_left] = (await read(shop.desk, invoice))["credit_notes"]
    assert note_left["total"]["amount"] == TOTAL


async def _quote_of(shop: Shop, invoice: dict[str, Any]) -> str:
    order_id = invoice["lines"][0]["order_id"]
    found: str = await shop.desk.scalar("SELECT quote_id FROM orders WHERE id = :o", o=order_id)
    return found
