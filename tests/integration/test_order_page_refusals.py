"""What the paying pages refuse is told as a page to payers, and as a problem to programs."""

from __future__ import annotations

import itertools

import pytest

from infra.bills import final_invoice
from infra.jobs import begun
from infra.orders import OrderDesk
from infra.reading import BROWSER, FORM, LARGE, NO_FORMS, is_a_page
from shared.ids import new_id

LONG = "x" * 65


@pytest.fixture
async def addresses(desk: OrderDesk) -> list[str]:
    """Return the page of a quote, an order, an invoice and a payment's bank."""
    account = new_id("par")
    quote = await desk.quote(account)
    job = await begun(desk)
    await job.decide(await job.propose(), "authorize")
    invoice = await final_invoice(desk, account, 40000)
    refused = await desk.buy(desk.partner(account), quote.id, "tok_action_required")
    bank: str = refused.json()["payments"][0]["next_action"]["url"].removeprefix(
        "http://127.0.0.1:8000"
    )
    other = await desk.quote(account)
    pages = [f"/checkout/{other.id}", f"/checkout/orders/{job.order['id']}", invoice["pay_url"]]
    for page in pages:
        assert (await desk.client.get(page)).status_code == 200
    return [*pages, bank]


async def test_a_form_that_cannot_be_read_is_told_on_a_page(
    desk: OrderDesk, addresses: list[str]
) -> None:
    forms = {
        b"": 422,
        b"card=tok_visa": 422,
        b"attempt=att_1": 422,
        b"attempt=other&card=tok_visa&decision=perhaps": 422,
        b"attempt=att_1&card=" + b"4" * 201: 422,
        b"attempt=att_1&card=%FF%00": 422,
        LARGE: 413,
    }
    for address, (form, status) in itertools.product(addresses, forms.items()):
        answer = await desk.client.post(address, content=form, headers=BROWSER | FORM)
        is_a_page(answer, status)
        if b"%00" not in form:
            assert f'href="{address}"' in answer.text
    assert await desk.scalar("SELECT count(*) FROM payments WHERE status = 'succeeded'") <= 2


async def test_what_is_no_form_is_refused(desk: OrderDesk, addresses: list[str]) -> None:
    for address, kind in itertools.product(addresses, NO_FORMS):
        answer = await desk.client.post(
            address, content=b'{"card": "tok_visa"}', headers=BROWSER | {"Content-Type": kind}
        )
        is_a_page(answer, 415)
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await desk.client.post(addresses[0], content=b"--y", headers=BROWSER | broken)
    is_a_page(answer, 400)


async def test_what_a_page_cannot_be_asked_is_told_on_one(
    desk: OrderDesk, addresses: list[str]
) -> None:
    for address in addresses:
        head = await desk.client.head(address, headers=BROWSER)
        assert (head.status_code, head.headers["content-type"]) == (200, "text/html; charset=utf-8")
        for method in ("PUT", "PATCH", "DELETE", "OPTIONS"):
            answer = await desk.client.request(method, address, headers=BROWSER)
            is_a_page(answer, 405)
            assert answer.headers["allow"] == "GET, HEAD, POST"


async def test_what_is_not_there_is_a_page_however_it_is_spelt(desk: OrderDesk) -> None:
    ids = [new_id("quo"), LONG, "%E2%82%AC", "x" * 4000]
    paths = [f"/checkout/{each}" for each in ids]
    paths += [f"/checkout/orders/{each}" for each in ids]
    paths += [f"/checkout/invoices/{each}/{each}" for each in ids]
    paths += [f"/checkout/bank/{each}" for each in ids]
    paths += ["/checkout", "/checkout/a/b/c/d", "/checkout/invoices/one"]
    for path in paths:
        answer = await desk.client.get(path, headers=BROWSER)
        is_a_page(answer, 404)
        assert "<h1>Nothing here</h1>" in answer.text
    is_a_page(await desk.client.get("/checkout/%00", headers=BROWSER), 400)
    is_a_page(await desk.client.get("/checkout/x?held=perhaps", headers=BROWSER), 422)


async def test_a_program_gets_a_problem(desk: OrderDesk) -> None:
    for kind in ("application/json", "application/problem+json", "application/json, text/html;q=0"):
        answer = await desk.client.get(f"/checkout/{new_id('quo')}", headers={"Accept": kind})
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
        large = await desk.client.post("/checkout/x", content=LARGE, headers={"Accept": kind})
        assert (large.status_code, large.json()["code"]) == (413, "body-too-large")
    api = await desk.client.get(f"/v1/orders/{new_id('ord')}", headers=BROWSER)
    assert api.headers["content-type"] == "application/problem+json"
