"""What an order leaves in the books: its invoice, paid or taken back, without a gap."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from infra.invoices import as_operator, canceled, check_sums, check_traces, invoices_of
from infra.orders import OrderDesk, aud
from infra.running import read_topic
from infra.waiting import eventually
from shared.contracts.quote import QuoteItem
from shared.ids import new_id


@pytest.fixture
def account() -> str:
    return new_id("par")


def items(*prices: int) -> dict[str, Any]:
    """Make the changes of a quote with lines of these prices and a tenth as tax."""
    made = tuple(
        QuoteItem(
            id=new_id("itm"),
            service="tyres",
            description=f"Work {place}",
            quantity=1,
            price=aud(price),
            tax=aud(price // 10),
            total=aud(price + price // 10),
            authorization="open",
        )
        for place, price in enumerate(prices, 1)
    )
    return {"items": made}


@pytest.mark.seed(20, 74)
async def test_an_order_without_a_deal_has_its_own_invoice_paid_by_its_card(
    desk: OrderDesk, account: str
) -> None:
    order = await desk.ordered(account, **items(40000, 15000))
    [invoice] = await invoices_of(desk, account)
    assert (invoice["status"], invoice["order_id"], invoice["deal_id"]) == (
        "paid",
        order["id"],
        None,
    )
    assert (invoice["total"], invoice["amount_due"]["amount"]) == (order["total"], 0)
    assert (invoice["payment_method"], invoice["payment_id"]) == ("card", order["payment"]["id"])
    assert [line["item_id"] for line in invoice["lines"]] == [each["id"] for each in order["items"]]
    assert invoice["contact"]["email"] == "fleet@example.com"
    await check_traces(desk, invoice)
    created = (await desk.logged(order["id"]))[0]
    assert {line["event_id"] for line in invoice["lines"]} == {str(created.id)}


@pytest.mark.seed(22)
async def test_an_invoice_and_its_payment_are_told_on_the_topic(
    desk: OrderDesk, account: str
) -> None:
    await desk.ordered(account)
    [invoice] = await invoices_of(desk, account)

    async def told() -> list[Any]:
        events = await read_topic(desk.settings, "order.events", 1)
        found = [each for each in events if each.subject == invoice["id"]]
        return found if len(found) == 2 else []

    events = await eventually(told)
    assert [(each.type, each.sequence) for each in events] == [
        ("invoice.created", 1),
        ("invoice.paid", 2),
    ]
    assert {each.partner_id for each in events} == {account}
    assert f'"number":"{invoice["number"]}","status":"open"' in events[0].data
    assert '"status":"paid"' in events[1].data


async def test_an_unpaid_order_has_no_invoice(desk: OrderDesk, account: str) -> None:
    quote = await desk.quote(account)
    assert (await desk.buy(desk.partner(account), quote.id, "tok_declined")).status_code == 402
    assert await invoices_of(desk, account) == []


@pytest.mark.seed(21, 74)
async def test_canceling_leaves_a_credit_note_of_all_that_was_charged(
    desk: OrderDesk, account: str
) -> None:
    order = await desk.ordered(account, **items(40000, 15000))
    await canceled(desk, account, order)
    [invoice] = await invoices_of(desk, account)
    [note] = invoice["credit_notes"]
    assert (invoice["status"], invoice["credited"]) == ("paid", order["total"])
    assert (note["total"], note["reason"]) == (order["total"], "sold")
    assert note["number"] == invoice["number"].replace("INV", "CN")
    check_sums(note)
    await check_traces(desk, note)
    [told] = await desk.logged(note["id"])
    assert (told.type, told.data["invoice_number"]) == ("credit-note.created", invoice["number"])

    async def refunded() -> bool:
        [payment] = (await desk.read(order["id"]))["payments"]
        return bool(payment["refunded"] == order["total"])

    await eventually(refunded)


async def test_part_of_an_invoice_is_taken_back_and_never_more_than_it_has(
    desk: OrderDesk, account: str
) -> None:
    await desk.ordered(account, **items(1000, 333))
    [invoice] = await invoices_of(desk, account)
    asked = {"position": 2, "amount": {"amount": 100, "currency": "AUD"}}
    some = await as_operator(desk, invoice, "credit-notes", {"reason": "late", "lines": [asked]})
    assert some.status_code == 201, some.text
    [line] = some.json()["lines"]
    assert (line["price"]["amount"], line["tax"]["amount"]) == (91, 9)
    too_much = asked | {"amount": {"amount": 267, "currency": "AUD"}}
    refused = await as_operator(
        desk, invoice, "credit-notes", {"reason": "late", "lines": [too_much]}
    )
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "more-than-left")
    rest = await as_operator(desk, invoice, "credit-notes", {"reason": "all of it"})
    assert rest.json()["total"]["amount"] == 1100 + 366 - 100
    again = await as_operator(desk, invoice, "credit-notes", {"reason": "again"})
    assert (again.status_code, again.json()["code"]) == (409, "nothing-to-credit")
    [after] = await invoices_of(desk, account)
    assert after["credited"] == after["total"]
    assert [note["number"][-5:] for note in after["credit_notes"]] == ["00001", "00002"]


@pytest.mark.parametrize(
    ("line", "pointer", "code"),
    [
        ({"position": 9}, "/lines/0/position", "unknown-line"),
        ({"currency": "NZD"}, "/lines/0/amount/currency", "other-currency"),
    ],
)
async def test_a_credit_note_of_what_is_not_on_the_invoice_is_refused(
    desk: OrderDesk, account: str, line: dict[str, Any], pointer: str, code: str
) -> None:
    await desk.ordered(account)
    [invoice] = await invoices_of(desk, account)
    asked = {
        "position": line.get("position", 1),
        "amount": {"amount": 1, "currency": line.get("currency", "AUD")},
    }
    refused = await as_operator(desk, invoice, "credit-notes", {"reason": "x", "lines": [asked]})
    [error] = refused.json()["errors"]
    assert (error["pointer"], error["code"]) == (pointer, code)


async def test_racing_credit_notes_take_back_no_more_than_there_is(
    desk: OrderDesk, account: str
) -> None:
    await desk.ordered(account, **items(1000))
    [invoice] = await invoices_of(desk, account)
    asked = {"position": 1, "amount": {"amount": 200, "currency": "AUD"}}
    body = {"reason": "race", "lines": [asked]}
    answers = await asyncio.gather(
        *(as_operator(desk, invoice, "credit-notes", body) for _ in range(12))
    )
    assert sorted(answer.status_code for answer in answers) == [201] * 5 + [422] * 7
    [after] = await invoices_of(desk, account)
    assert after["credited"]["amount"] == 1000


def aud_of(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "AUD"}


async def given_back(desk: OrderDesk, order: dict[str, Any], amount: int) -> None:
    async def refunded() -> bool:
        payments = (await desk.read(order["id"]))["payments"]
        return sum(each["refunded"]["amount"] for each in payments) == amount

    await eventually(refunded)


@pytest.mark.seed(21)
async def test_what_is_kept_of_a_canceled_order_stays_on_its_invoice(
    desk: OrderDesk, account: str
) -> None:
    order = await desk.ordered(account, **items(1000, 500))
    body = {"reason": "sold", "refund": {"amount": aud_of(1200)}}
    path = f"/v1/orders/{order['id']}/cancel"
    answer = await desk.client.post(path, json=body, headers=desk.partner(account))
    assert answer.status_code == 200, answer.text
    [invoice] = await invoices_of(desk, account)
    [note] = invoice["credit_notes"]
    assert (invoice["credited"]["amount"], note["total"]["amount"]) == (1200, 1200)
    credited = {line["position"]: line["total"]["amount"] for line in note["lines"]}
    assert credited == {1: 650, 2: 550}
    await given_back(desk, order, 1200)


async def test_each_refund_leaves_a_credit_note(desk: OrderDesk, account: str) -> None:
    order = await desk.ordered(account, **items(1000))
    path, operator = f"/v1/orders/{order['id']}/refunds", desk.keys.headers("operator")
    for amount in (300, 800):
        body = {"reason": "scratched", "amount": aud_of(amount)}
        answer = await desk.client.post(path, json=body, headers=operator)
        assert answer.is_success, answer.text
    [invoice] = await invoices_of(desk, account)
    notes = invoice["credit_notes"]
    assert [note["total"]["amount"] for note in notes] == [300, 800]
    assert sum(note["tax"]["amount"] for note in notes) == invoice["tax"]["amount"]
    await given_back(desk, order, 1100)


async def test_what_is_credited_of_a_card_goes_back_to_it(desk: OrderDesk, account: str) -> None:
    order = await desk.ordered(account, **items(1000))
    [invoice] = await invoices_of(desk, account)
    body = {"reason": "late", "lines": [{"position": 1, "amount": aud_of(400)}]}
    assert (await as_operator(desk, invoice, "credit-notes", body)).status_code == 201
    await given_back(desk, order, 400)
    await canceled(desk, account, order)
    await given_back(desk, order, 1100)
    [after] = await invoices_of(desk, account)
    assert [note["total"]["amount"] for note in after["credit_notes"]] == [400, 700]


@pytest.mark.seed(71)
async def test_an_approved_supplement_makes_a_further_invoice_that_the_card_pays(
    desk: OrderDesk, account: str
) -> None:
    order = await desk.ordered(account, **items(1000))
    line = {"service": "brakes", "description": "Hoses", "quantity": 1, "parts": aud_of(500)}
    path, headers = f"/v1/orders/{order['id']}", desk.partner(account)
    proposed = await desk.client.post(
        f"{path}/supplements",
        json={"reason": "cracked", "items": [line | {"tax_rate": "0.10"}]},
        headers=desk.keys.headers("operator"),
    )
    decide = f"{path}/supplements/{proposed.json()['id']}/authorize"
    assert (await desk.client.post(decide, json={}, headers=headers)).status_code == 200
    first, further = await invoices_of(desk, account)
    assert [first["status"], further["status"]] == ["paid", "open"]
    assert further["amount_due"]["amount"] == 550
    await check_traces(desk, further)
    card = {"method": "card", "token": "tok_visa"}
    paid = await desk.client.post(f"{path}/payments", json=card, headers=headers)
    assert paid.status_code == 201, paid.text
    [_, further] = await invoices_of(desk, account)
    assert (further["status"], further["payment_id"]) == ("paid", paid.json()["payment"]["id"])


async def test_a_paid_invoice_can_neither_be_paid_again_nor_be_void(
    desk: OrderDesk, account: str
) -> None:
    await desk.ordered(account)
    [invoice] = await invoices_of(desk, account)
    body = {"method": "bank-transfer", "reference": "ANZ 118"}
    for what, asked in (("pay", body), ("void", {"reason": "a mistake"})):
        refused = await as_operator(desk, invoice, what, asked)
        assert (refused.status_code, refused.json()["code"]) == (409, "transition-not-allowed")
        assert refused.json()["allowed"] == []


@pytest.mark.seed(33)
async def test_an_invoice_is_its_partners_alone(desk: OrderDesk, account: str) -> None:
    await desk.ordered(account)
    [invoice] = await invoices_of(desk, account)
    path, stranger = f"/v1/invoices/{invoice['id']}", new_id("par")
    assert (await desk.client.get(path, headers=desk.partner(stranger))).status_code == 404
    assert await invoices_of(desk, stranger) == []
    assert (await desk.client.get(path, headers=desk.partner(account))).json() == invoice
