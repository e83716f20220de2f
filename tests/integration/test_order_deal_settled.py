"""What becomes of a deal's invoice: paid at the bank, void, credited, and work that came later."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from infra.bills import final_invoice, pay
from infra.deals import closed, opened, ordered, read
from infra.explaining import reads_of
from infra.invoices import as_operator, check_traces
from infra.orders import OrderDesk
from shared.ids import new_id

Json = dict[str, Any]


@pytest.fixture
def account() -> str:
    return new_id("par")


@pytest.mark.seed(22)
async def test_a_bank_transfer_pays_the_final_invoice(desk: OrderDesk, account: str) -> None:
    deal = await opened(desk, account)
    await ordered(desk, account, deal, 1000)
    final = (await closed(desk, account, deal))["invoice"]
    today = desk.clock.now().date()
    assert final["due_on"] == (today + timedelta(days=14)).isoformat()
    body = {"method": "bank-transfer", "reference": "ANZ 118"}
    mine = await desk.client.post(
        f"/v1/invoices/{final['id']}/pay", json=body, headers=desk.partner(account)
    )
    assert mine.status_code == 403
    paid = await as_operator(desk, final, "pay", body)
    assert paid.status_code == 200, paid.text
    assert (paid.json()["status"], paid.json()["amount_due"]["amount"]) == ("paid", 0)
    assert (paid.json()["payment_method"], paid.json()["payment_reference"]) == (
        "bank-transfer",
        "ANZ 118",
    )
    told = await desk.logged(final["id"])
    assert [(each.type, each.sequence) for each in told] == [
        ("invoice.created", 1),
        ("invoice.paid", 2),
    ]
    assert told[1].data["payment_reference"] == "ANZ 118"


async def test_an_open_invoice_can_be_void_and_keeps_its_number(
    desk: OrderDesk, account: str
) -> None:
    deal = await opened(desk, account)
    await ordered(desk, account, deal, 1000)
    final = (await closed(desk, account, deal))["invoice"]
    void = await as_operator(desk, final, "void", {"reason": "wrong customer"})
    assert (void.json()["status"], void.json()["reason"]) == ("void", "wrong customer")
    assert void.json()["number"] == final["number"]
    assert void.json()["amount_due"]["amount"] == 0
    told = await desk.logged(final["id"])
    assert [each.type for each in told] == ["invoice.created", "invoice.voided"]


async def test_a_draft_can_neither_be_paid_nor_be_void(desk: OrderDesk, account: str) -> None:
    deal = await opened(desk, account)
    await ordered(desk, account, deal, 1000)
    [draft] = (await read(desk, account, deal))["pending_invoices"]
    body = {"method": "bank-transfer", "reference": "ANZ 118"}
    for what, asked in (("pay", body), ("void", {"reason": "x"})):
        refused = await as_operator(desk, draft, what, asked)
        assert (refused.status_code, refused.json()["code"]) == (409, "transition-not-allowed")
    refused = await as_operator(desk, draft, "credit-notes", {"reason": "x"})
    assert refused.json()["code"] == "nothing-to-credit"


async def test_free_work_makes_an_invoice_that_is_paid_by_nothing(
    desk: OrderDesk, account: str
) -> None:
    deal = await opened(desk, account)
    await ordered(desk, account, deal, 0)
    final = (await closed(desk, account, deal))["invoice"]
    assert (final["status"], final["payment_method"]) == ("paid", "nothing-due")


async def test_what_the_deals_invoice_paid_is_paid_for_its_orders(
    desk: OrderDesk, account: str
) -> None:
    deal = await opened(desk, account)
    order = await ordered(desk, account, deal, 1000, 500)
    final = (await closed(desk, account, deal))["invoice"]
    body = {"method": "bank-transfer", "reference": "ANZ 118"}
    assert (await as_operator(desk, final, "pay", body)).status_code == 200
    after = await desk.read(order["id"])
    assert (after["paid"], after["balance_due"]["amount"]) == (True, 0)
    told = (await desk.logged(order["id"]))[-1]
    assert (told.type, [each["field"] for each in told.data["changes"]]) == (
        "service.updated",
        ["paid"],
    )


async def test_what_is_credited_or_void_is_not_asked_for_again(
    desk: OrderDesk, account: str
) -> None:
    deal = await opened(desk, account)
    order = await ordered(desk, account, deal, 1000)
    final = (await closed(desk, account, deal))["invoice"]
    asked = {"position": 1, "amount": {"amount": 300, "currency": "AUD"}}
    body = {"reason": "late", "lines": [asked]}
    assert (await as_operator(desk, final, "credit-notes", body)).status_code == 201
    assert (await desk.read(order["id"]))["balance_due"]["amount"] == 800
    assert (await as_operator(desk, final, "void", {"reason": "x"})).status_code == 200
    assert (await desk.read(order["id"]))["balance_due"]["amount"] == 0


@pytest.mark.seed(71, 74)
async def test_an_approved_supplement_is_on_the_deals_invoice_with_its_event(
    desk: OrderDesk, account: str
) -> None:
    deal = await opened(desk, account)
    order = await ordered(desk, account, deal, 1000)
    proposed = await supplement(desk, order)
    assert (await read(desk, account, deal))["total"]["amount"] == 1100
    await decided(desk, account, order, proposed)
    found = await read(desk, account, deal)
    assert [len(each["lines"]) for each in found["pending_invoices"]] == [1, 1]
    assert found["total"]["amount"] == 1100 + 550
    final = (await closed(desk, account, deal))["invoice"]
    assert len({line["event_id"] for line in final["lines"]}) == 2
    await check_traces(desk, final)


@pytest.mark.seed(71)
async def test_a_supplement_after_closing_has_its_own_invoice(
    desk: OrderDesk, account: str
) -> None:
    deal = await opened(desk, account)
    order = await ordered(desk, account, deal, 1000)
    proposed = await supplement(desk, order)
    final = (await closed(desk, account, deal))["invoice"]
    await decided(desk, account, order, proposed)
    found = await read(desk, account, deal)
    [own] = found["separate_invoices"]
    assert (own["status"], own["order_id"], own["total"]["amount"]) == ("open", order["id"], 550)
    assert found["invoice"]["total"] == final["total"]


async def supplement(desk: OrderDesk, order: Json) -> Json:
    line = {
        "service": "brakes",
        "description": "Brake hoses",
        "quantity": 1,
        "parts": {"amount": 500, "currency": "AUD"},
        "tax_rate": "0.10",
    }
    answer = await desk.client.post(
        f"/v1/orders/{order['id']}/supplements",
        json={"reason": "cracked", "items": [line]},
        headers=desk.keys.headers("operator"),
    )
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


async def decided(desk: OrderDesk, account: str, order: Json, proposed: Json) -> None:
    path = f"/v1/orders/{order['id']}/supplements/{proposed['id']}/authorize"
    answer = await desk.client.post(path, json={}, headers=desk.partner(account))
    assert answer.status_code == 200, answer.text


async def test_an_invoice_of_many_orders_is_paid_without_reading_it_for_each(
    desk: OrderDesk, account: str
) -> None:
    """Of 400 orders it took 6 s, in which all of them were held; of twice as many four times."""
    invoice = await final_invoice(desk, account, *[1000] * 12)
    async with reads_of(desk.service.engine, "invoice_lines") as reads:
        paid = await pay(desk, account, invoice, Prefer="wait=10")
    assert (paid.status_code, paid.json()["status"]) == (201, "paid")
    assert reads.rows < 12 * 12
    for order_id in {each["order_id"] for each in invoice["lines"]}:
        assert (await desk.read(order_id))["paid"] is True
