"""Invoices on paper: their numbers, from whom and to whom they are, PDF and XML."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
from sqlalchemy import text

from infra.invoices import canceled, invoices_of
from infra.orders import OrderDesk
from infra.waiting import eventually
from services.order.domain.issuer import Kind
from services.order.repository import billing
from shared.contracts import PartnerV1
from shared.ids import new_id


@pytest.fixture
def account() -> str:
    return new_id("par")


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
