"""A final invoice is paid by card: once, whatever is sent, told or undone meanwhile."""

from __future__ import annotations

import asyncio

import pytest

from infra.bills import credited, final_invoice, held, pay, read, told
from infra.invoices import as_operator
from infra.jobs import begun
from infra.orders import OrderDesk
from infra.waiting import eventually
from services.order.domain.payment import Succeeded
from services.order.handlers.settling import conclude
from services.order.repository.orders import SYSTEM
from shared.ids import new_id

PAID = ["invoice.created", "payment.succeeded", "invoice.paid"]


@pytest.fixture
def account() -> str:
    return new_id("par")


@pytest.mark.seed(18, 22, 74)
async def test_a_card_pays_a_final_invoice_and_the_orders_on_it(
    desk: OrderDesk, account: str
) -> None:
    invoice = await final_invoice(desk, account, 40000, 10000)
    assert invoice["pay_url"].startswith(f"/checkout/invoices/{invoice['id']}/")
    answer = await pay(desk, account, invoice, Idempotency_Key="pay-1")
    paid = answer.json()
    assert (answer.status_code, paid["status"]) == (201, "paid"), answer.text
    assert answer.headers["location"] == f"/v1/invoices/{invoice['id']}"
    assert (paid["payment_method"], paid["payment_id"]) == ("card", paid["payment"]["id"])
    assert (paid["amount_due"]["amount"], paid["pay_url"]) == (0, None)
    [payment] = paid["payments"]
    assert (payment["invoice_id"], payment["order_id"]) == (invoice["id"], None)
    assert (payment["status"], payment["amount"]["amount"]) == ("succeeded", 55000)
    assert await told(desk, invoice) == PAID
    for order_id in {line["order_id"] for line in invoice["lines"]}:
        order = await desk.read(order_id)
        assert (order["paid"], order["balance_due"]["amount"], order["payments"]) == (True, 0, [])
    again = await pay(desk, account, invoice, Idempotency_Key="pay-1")
    assert (again.content, again.headers["idempotent-replayed"]) == (answer.content, "true")
    other = await pay(desk, account, invoice)
    assert (other.status_code, other.json()["code"]) == (409, "nothing-due")
    assert await held(desk, invoice) == 55000


@pytest.mark.seed(8)
async def test_a_declined_card_and_then_another(desk: OrderDesk, account: str) -> None:
    invoice = await final_invoice(desk, account, 40000)
    refused = await pay(desk, account, invoice, "tok_declined")
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (402, "card-declined")
    assert (problem["invoice_id"], problem["errors"][0]["pointer"]) == (
        invoice["id"],
        "/payment/token",
    )
    assert (await read(desk, invoice))["status"] == "open"
    assert (await pay(desk, account, invoice)).status_code == 201
    assert await told(desk, invoice) == ["invoice.created", "payment.failed", *PAID[1:]]


async def test_the_payers_bank_confirms(desk: OrderDesk, account: str) -> None:
    invoice = await final_invoice(desk, account, 40000)
    answer = await pay(desk, account, invoice, "tok_action_required")
    payment = answer.json()["payment"]
    assert (answer.status_code, payment["status"]) == (202, "processing")
    assert payment["next_action"]["url"].endswith(payment["id"])
    path = f"/v1/sandbox/payments/{payment['id']}/authenticate"
    confirmed = await desk.client.post(path, headers=desk.partner(account))
    assert (confirmed.status_code, confirmed.json()["status"]) == (200, "paid")


@pytest.mark.seed(8)
async def test_of_racing_payments_and_repeated_notices_one_counts(
    desk: OrderDesk, account: str
) -> None:
    invoice = await final_invoice(desk, account, 40000)
    answers = await asyncio.gather(
        *(pay(desk, account, invoice, "tok_late_success", Prefer="wait=0") for _ in range(5))
    )
    assert sorted(answer.status_code for answer in answers) == [202, 409, 409, 409, 409]
    [payment] = (await read(desk, invoice))["payments"]
    notices = (conclude(desk.till, payment["id"], Succeeded(), SYSTEM) for _ in range(5))
    await asyncio.gather(*notices)
    assert await told(desk, invoice) == PAID
    assert await held(desk, invoice) == 44000
    assert (await read(desk, invoice))["payments"][0]["refunds"] == []


@pytest.mark.seed(21)
async def test_money_for_an_invoice_that_went_void_goes_back(desk: OrderDesk, account: str) -> None:
    invoice = await final_invoice(desk, account, 40000)
    begun_late = await pay(desk, account, invoice, "tok_late_success", Prefer="wait=0")
    assert begun_late.status_code == 202
    gone = await as_operator(desk, invoice, "void", {"reason": "Issued twice."})
    assert gone.json()["status"] == "void"

    async def back() -> bool:
        return [each["status"] for each in (await read(desk, invoice))["payments"]] == ["refunded"]

    await eventually(back)
    assert await told(desk, invoice) == [
        "invoice.created",
        "invoice.voided",
        "payment.succeeded",
        "payment.refunded",
    ]
    assert await held(desk, invoice) == 0


@pytest.mark.seed(21, 74)
async def test_what_is_credited_or_canceled_goes_back_to_the_card(
    desk: OrderDesk, account: str
) -> None:
    invoice = await final_invoice(desk, account, 40000, 10000)
    assert (await pay(desk, account, invoice)).status_code == 201
    part = [{"position": 1, "amount": {"amount": 4400, "currency": "AUD"}}]
    await credited(desk, invoice, lines=part)
    first, second = (line["order_id"] for line in invoice["lines"])
    path, headers = f"/v1/orders/{second}/cancel", desk.partner(account)
    canceled = await desk.client.post(path, json={"reason": "sold"}, headers=headers)
    assert canceled.status_code == 200, canceled.text

    async def back() -> bool:
        return await held(desk, invoice) == 39600

    await eventually(back)
    stands = await read(desk, invoice)
    assert [note["total"]["amount"] for note in stands["credit_notes"]] == [4400, 11000]
    assert {line["order_id"] for line in stands["credit_notes"][1]["lines"]} == {second}
    most = {"reason": "late", "amount": {"amount": 39601, "currency": "AUD"}}
    path, operator = f"/v1/orders/{first}/refunds", desk.keys.headers("operator")
    refused = await desk.client.post(path, json=most, headers=operator)
    assert refused.json()["errors"][0]["code"] == "too-much"
    rest = await desk.client.post(path, json={"reason": "late"}, headers=operator)
    assert rest.status_code == 201, rest.text

    async def all_back() -> bool:
        [payment] = (await read(desk, invoice))["payments"]
        return (payment["status"], payment["refunded"]["amount"]) == ("refunded", 55000)

    await eventually(all_back)
    assert await held(desk, invoice) == 0
    nothing = await desk.client.post(path, json={"reason": "late"}, headers=operator)
    assert nothing.json()["code"] == "nothing-to-refund"


@pytest.mark.seed(71)
async def test_an_order_and_its_invoice_are_not_charged_for_the_same_at_once(
    desk: OrderDesk,
) -> None:
    job = await begun(desk)
    supplement = await job.propose()
    assert (await job.decide(supplement, "authorize")).status_code == 200
    path, asked = "/v1/invoices", {"order_id": job.order["id"], "status": "open"}
    listed = await desk.client.get(path, params=asked, headers=desk.partner(job.account))
    [invoice] = listed.json()["data"]
    late = {"method": "card", "token": "tok_late_success"}
    of_order = await job.post("payments", late, by="partner", Prefer="wait=0")
    refused = await pay(desk, job.account, invoice)
    assert (of_order.status_code, refused.status_code) == (202, 409)
    assert refused.json()["code"] == "payment-in-progress"

    async def settled() -> bool:
        return bool((await read(desk, invoice))["status"] == "paid")

    await eventually(settled)
    other = await begun(desk)
    await other.decide(await other.propose(), "authorize")
    listed = await desk.client.get(
        path, params=asked | {"order_id": other.order["id"]}, headers=desk.partner(other.account)
    )
    [invoice] = listed.json()["data"]
    assert (await pay(desk, other.account, invoice, Prefer="wait=9")).status_code == 201
    order = await other.now()
    assert (order["paid"], order["balance_due"]["amount"]) == (True, 0)


@pytest.mark.seed(33)
async def test_who_may_pay_an_invoice_and_how(desk: OrderDesk, account: str) -> None:
    invoice = await final_invoice(desk, account, 40000)
    assert (await pay(desk, new_id("par"), invoice)).status_code == 404
    path, headers = f"/v1/invoices/{invoice['id']}/pay", desk.partner(account)
    transfer = {"method": "bank-transfer", "reference": "ANZ 118"}
    mine = await desk.client.post(path, json=transfer, headers=headers)
    assert (mine.status_code, mine.json()["code"]) == (403, "insufficient-scope")
    card = {"method": "card", "token": "tok_visa"}
    for body, pointer in [
        ({}, "/payment"),
        ({"payment": card | {"method": "deal"}}, "/payment/method"),
        ({"payment": {"method": "card"}}, "/payment/token"),
        ({"payment": card} | transfer, "/method"),
        ({"payment": card | {"token": "tok_nobodys"}}, "/payment/token"),
        ({"method": "bank-transfer"}, "/reference"),
    ]:
        refused = await desk.client.post(path, json=body, headers=headers)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
