"""What an order leaves in the books: its invoice, paid or taken back, without a gap."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
from sqlalchemy import text

from infra.invoices import as_operator, check_sums, check_traces, invoices_of
from infra.orders import OrderDesk, aud
from infra.running import read_topic
from infra.waiting import eventually
from services.order.domain.issuer import Kind
from services.order.repository import billing
from shared.contracts import PartnerV1
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


async def canceled(desk: OrderDesk, account: str, order: dict[str, Any]) -> None:
    answer = await desk.client.post(
        f"/v1/orders/{order['id']}/cancel", json={"reason": "sold"}, headers=desk.partner(account)
    )
    assert answer.status_code == 200, answer.text


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


async def test_numbers_have_no_gap_though_many_race_and_some_are_rolled_back(
    desk: OrderDesk, account: str
) -> None:
    chance = random.Random(7)
    given: list[str] = []

    async def take(fails: bool) -> None:
        try:
            async with desk.service.database.transaction() as work:
                issuer = await billing.the_issuer(work.connection)
                number, _ = await billing.next_number(
                    work.connection, account, Kind.INVOICE, issuer, work.now
                )
                await work.connection.execute(text("SELECT pg_sleep(0.002)"))
                if fails:
                    raise RuntimeError(number)
        except RuntimeError:
            return
        given.append(number)

    await asyncio.gather(*(take(chance.random() < 0.4) for _ in range(120)))
    places = sorted(int(number[-5:]) for number in given)
    assert 20 < len(places) < 120
    assert places == list(range(1, len(places) + 1))
    assert len({number[:-6] for number in given}) == 1


async def test_racing_orders_of_one_partner_are_numbered_through(
    desk: OrderDesk, account: str
) -> None:
    quotes = [await desk.quote(account) for _ in range(8)]
    cards = ["tok_visa", "tok_declined"] * 4
    headers = desk.partner(account)
    await asyncio.gather(
        *(desk.buy(headers, quote.id, card) for quote, card in zip(quotes, cards, strict=True))
    )
    found = await invoices_of(desk, account)
    assert sorted(each["number"][-5:] for each in found) == [f"{n:05d}" for n in range(1, 5)]
    assert {each["number"][:-6] for each in found}.isdisjoint(
        each["number"][:-6] for each in await invoices_of(desk, await _somebody_else(desk))
    )


async def _somebody_else(desk: OrderDesk) -> str:
    other = new_id("par")
    await desk.ordered(other)
    return other


async def test_an_invoice_is_made_out_to_the_partner_by_name(desk: OrderDesk, account: str) -> None:
    told = PartnerV1(
        id=account,
        name="Dana's Cars",
        email="dana@example.com",
        roles=("partner",),
        active=True,
        created_at=desk.clock.now(),
    )
    await desk.tell("partner.created", account, 1, told)
    query = "SELECT name FROM billing_accounts WHERE partner_id = :id"
    await eventually(lambda: desk.scalar(query, id=account))
    await desk.ordered(account)
    query = "SELECT buyer ->> 'name' FROM invoices WHERE partner_id = :id"
    assert await desk.scalar(query, id=account) == "Dana's Cars"


DETAILS = {"name": "Dana's Cars Pty Ltd", "country": "AU", "tax_id": "51824753556"}


async def put_issuer(desk: OrderDesk, **changes: Any) -> None:
    body = {"name": "Harbour Reconditioning", "country": "AU", "tax_id": "11222333444"} | changes
    operator = desk.keys.headers("operator")
    answer = await desk.client.put("/v1/billing/issuer", json=body, headers=operator)
    assert answer.status_code == 200, answer.text
    read = await desk.client.get("/v1/billing/issuer", headers=operator)
    assert read.json() == answer.json()
    assert body.items() <= read.json().items()


async def test_an_invoice_is_read_as_pdf_and_as_xml(desk: OrderDesk, account: str) -> None:
    headers = desk.partner(account)
    await put_issuer(desk)
    kept = await desk.client.put("/v1/billing/details", json=DETAILS, headers=headers)
    assert kept.json().items() >= DETAILS.items()
    order = await desk.ordered(account)
    await canceled(desk, account, order)
    [invoice] = await invoices_of(desk, account)
    [note] = invoice["credit_notes"]
    path = f"/v1/invoices/{invoice['id']}"
    for where in (path, f"{path}/credit-notes/{note['id']}"):
        for kind, begins in (("pdf", b"%PDF-"), ("xml", b"<?xml")):
            paper = await desk.client.get(f"{where}.{kind}", headers=headers)
            assert paper.status_code == 200, paper.text
            assert paper.headers["content-type"] == f"application/{kind}"
            assert paper.content.startswith(begins)
            stranger = await desk.client.get(f"{where}.{kind}", headers=desk.partner(new_id("par")))
            assert stranger.status_code == 404
            assert (await desk.client.get(f"{where}.{kind}")).status_code == 401
    for accept, kind in (
        ("application/pdf", "application/pdf"),
        ("text/html, application/xml;q=0.9, */*;q=0.1", "application/xml"),
        ("*/*", "application/json"),
        ("image/png", "application/json"),
        ("application/pdf;q=0, application/json", "application/json"),
    ):
        answer = await desk.client.get(path, headers=headers | {"Accept": accept})
        assert answer.headers["content-type"] == kind


async def test_whoever_has_the_link_reads_the_pdf_without_a_token(
    desk: OrderDesk, account: str
) -> None:
    await desk.ordered(account)
    [invoice] = await invoices_of(desk, account)
    assert (await desk.client.get(invoice["pdf_url"])).content.startswith(b"%PDF-")
    wrong = f"/v1/invoices/{invoice['id']}/{'x' * 32}.pdf"
    assert (await desk.client.get(wrong)).status_code == 404
    assert (await desk.client.get(f"/v1/invoices/{new_id('inv')}/x.pdf")).status_code == 404


async def test_xml_names_what_is_missing_for_it(desk: OrderDesk, account: str) -> None:
    await put_issuer(desk, country=None)
    await desk.ordered(account)
    [invoice] = await invoices_of(desk, account)
    refused = await desk.client.get(
        f"/v1/invoices/{invoice['id']}.xml", headers=desk.partner(account)
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "billing-details-missing")
    assert refused.json()["missing"] == ["seller.country", "buyer.country"]


async def test_numbers_follow_the_issuers_prefix_and_what_was_issued_stays(
    desk: OrderDesk, account: str
) -> None:
    await put_issuer(desk, invoice_prefix="RE", due_days=30)
    await desk.ordered(account)
    await put_issuer(desk)
    await desk.ordered(account)
    first, second = await invoices_of(desk, account)
    assert [first["number"][:3], second["number"][:4]] == ["RE-", "INV-"]
    assert [each["number"][-5:] for each in (first, second)] == ["00001", "00001"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [({"time_zone": "Mars/Olympus"}, "/time_zone"), ({"country": "Australia"}, "/country")],
)
async def test_an_issuer_that_cannot_be_is_refused_by_field(
    desk: OrderDesk, change: dict[str, str], pointer: str
) -> None:
    answer = await desk.client.put(
        "/v1/billing/issuer", json={"name": "We"} | change, headers=desk.keys.headers("operator")
    )
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
