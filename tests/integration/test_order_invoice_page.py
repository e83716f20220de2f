"""The page on which an invoice is paid: by its link alone, once, from our own form."""

from __future__ import annotations

import asyncio
import re

import httpx
import pytest

from infra.bills import final_invoice, pay, read, told
from infra.invoices import as_operator
from infra.orders import OrderDesk
from shared.ids import new_id

PAID = ["invoice.created", "payment.succeeded", "invoice.paid"]


@pytest.fixture
def account() -> str:
    return new_id("par")


async def opened(desk: OrderDesk, address: str) -> tuple[str, str]:
    """Open the page; return it, and the attempt that its form would make."""
    answer = await desk.client.get(address)
    assert answer.status_code == 200, answer.text
    found = re.search(r'name="attempt" value="([^"]+)"', answer.text)
    return answer.text, found[1] if found else ""


async def sent(
    desk: OrderDesk, address: str, attempt: str, card: str = "tok_visa", **headers: str
) -> httpx.Response:
    form = {"card": card, "attempt": attempt}
    return await desk.client.post(address, data=form, headers=headers)


@pytest.mark.seed(18, 22)
async def test_a_form_pays_once_however_often_it_is_sent(desk: OrderDesk, account: str) -> None:
    invoice = await final_invoice(desk, account, 40000, 10000)
    page, attempt = await opened(desk, invoice["pay_url"])
    for shown in (invoice["number"], "AUD\xa0550.00", invoice["pdf_url"], "Pay AUD"):
        assert shown in page
    assert "fleet@example.com" not in page
    answers = await asyncio.gather(*(sent(desk, invoice["pay_url"], attempt) for _ in range(4)))
    assert {(answer.status_code, answer.headers["location"]) for answer in answers} == {
        (303, invoice["pay_url"])
    }
    page, attempt = await opened(desk, invoice["pay_url"])
    assert ("This invoice is paid." in page, attempt) == (True, "")
    assert await told(desk, invoice) == PAID


async def test_what_stands_in_the_way_is_said(desk: OrderDesk, account: str) -> None:
    invoice = await final_invoice(desk, account, 40000)
    address = invoice["pay_url"]
    for other in (address[:-1] + ("x" if address[-1] != "x" else "y"), address + "0"):
        assert (await desk.client.get(other)).status_code == 404
        assert (await sent(desk, other, "att_1")).status_code == 404
    foreign = await sent(desk, address, "att_1", **{"Sec-Fetch-Site": "cross-site"})
    unknown = await sent(desk, address, "att_1", "tok_nobodys")
    assert (foreign.status_code, unknown.status_code) == (403, 422)
    assert "know this token" in unknown.text
    await sent(desk, address, "att_2", "tok_declined")
    assert "declined by its bank" in (await opened(desk, address))[0]
    await pay(desk, account, invoice, "tok_action_required")
    page, _ = await opened(desk, address)
    assert "Continue to your bank" in page
    assert [each["status"] for each in (await read(desk, invoice))["payments"]] == [
        "failed",
        "processing",
    ]
    await as_operator(desk, invoice, "void", {"reason": "Issued twice."})
    page, attempt = await opened(desk, address)
    assert ("this invoice was taken back" in page, attempt) == (True, "")


async def test_the_bank_leads_back_to_the_invoice(desk: OrderDesk, account: str) -> None:
    invoice = await final_invoice(desk, account, 40000)
    _, attempt = await opened(desk, invoice["pay_url"])
    await sent(desk, invoice["pay_url"], attempt, "tok_action_required")
    [payment] = (await read(desk, invoice))["payments"]
    bank = f"/checkout/bank/{payment['id']}"
    assert (await desk.client.get(bank)).status_code == 200
    confirmed = await desk.client.post(bank, data={"decision": "confirm"})
    assert confirmed.headers["location"] == invoice["pay_url"]
    assert await told(desk, invoice) == PAID
