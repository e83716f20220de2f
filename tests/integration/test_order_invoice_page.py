"""The pages on which an invoice, and what is due for an order, are paid: by their link, once."""

from __future__ import annotations

import asyncio
import re

import httpx
import pytest

from infra.bills import final_invoice, pay, read, told
from infra.invoices import as_operator
from infra.jobs import begun
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


@pytest.mark.seed(71)
async def test_what_was_authorised_is_paid_on_the_orders_page(desk: OrderDesk) -> None:
    job = await begun(desk)
    assert (await job.now())["pay_url"] is None
    address = f"/checkout/orders/{job.order['id']}"
    for _ in range(2):
        await job.decide(await job.propose(), "authorize")
    undecided = await job.propose()
    order = await job.now()
    assert (order["pay_url"], order["balance_due"]["amount"]) == (address, 44000)
    page, attempt = await opened(desk, address)
    for shown in ("Still to be decided", undecided["reason"], "Pay AUD\xa0440.00", "Hoses"):
        assert shown.lower() in page.lower()
    assert "fleet@example.com" not in page
    await asyncio.gather(*(sent(desk, address, attempt) for _ in range(3)))
    page, attempt = await opened(desk, address)
    assert ("Nothing is due" in page, attempt) == (True, "")
    order = await job.now()
    assert [each["amount"]["amount"] for each in order["payments"]] == [44000, 44000]
    assert (order["paid"], order["pay_url"]) == (True, None)
    of_it = {"order_id": order["id"], "status": "paid"}
    answer = await desk.client.get("/v1/invoices", params=of_it, headers=desk.partner(job.account))
    assert len(answer.json()["data"]) == 3
    assert (await desk.client.get(f"/checkout/orders/{new_id('ord')}")).status_code == 404


async def test_an_unpaid_order_leads_to_its_quote_and_the_bank_back_to_the_order(
    desk: OrderDesk, account: str
) -> None:
    quote = await desk.quote(account)
    refused = await desk.buy(desk.partner(account), quote.id, "tok_declined")
    unpaid = await desk.client.get(f"/checkout/orders/{refused.json()['order_id']}")
    assert unpaid.headers["location"] == f"/checkout/{quote.id}"
    job = await begun(desk)
    await job.decide(await job.propose(), "authorize")
    address = f"/checkout/orders/{job.order['id']}"
    await sent(desk, address, "att_1", "tok_action_required")
    payment = (await job.now())["payments"][-1]
    confirmed = await desk.client.post(
        f"/checkout/bank/{payment['id']}", data={"decision": "confirm"}
    )
    assert confirmed.headers["location"] == address
