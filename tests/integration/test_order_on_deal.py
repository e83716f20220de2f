"""Orders that a deal's invoice will have: placed unpaid, and charged there alone."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from infra.deals import close, lines, opened, place
from infra.orders import OrderDesk
from shared.ids import new_id

ON_DEAL = {"method": "deal"}


@pytest.fixture
def account() -> str:
    return new_id("par")


async def deal(desk: OrderDesk, account: str, **more: Any) -> str:
    answer = await desk.client.post(
        "/v1/deals", json={"reference": "DEAL-77"} | more, headers=desk.partner(account)
    )
    assert answer.status_code == 201, answer.text
    deal_id: str = answer.json()["id"]
    return deal_id


async def order(desk: OrderDesk, account: str, quote_id: str, payment: Any) -> httpx.Response:
    body = {"quote_id": quote_id, "payment": payment}
    return await desk.client.post("/v1/orders", json=body, headers=desk.partner(account))


@pytest.mark.seed(7, 18)
async def test_a_quote_on_a_deal_is_ordered_without_paying(desk: OrderDesk, account: str) -> None:
    deal_id = await deal(desk, account)
    quote = await desk.quote(account, deal_id=deal_id)
    answer = await order(desk, account, quote.id, ON_DEAL)
    placed = answer.json()
    assert answer.status_code == 201, answer.text
    assert (placed["status"], placed["paid"], placed["deal_id"]) == ("pending", False, deal_id)
    assert (placed["payment_method"], placed["payment"], placed["payments"]) == ("deal", None, [])
    assert placed["balance_due"]["amount"] == 44000
    assert await desk.events(placed) == [("service.created", 1)]
    shown = await desk.client.get(f"/v1/deals/{deal_id}", headers=desk.partner(account))
    assert placed["id"] in shown.text
    card = {"method": "card", "token": "tok_visa"}
    path = f"/v1/orders/{placed['id']}/payments"
    twice = await desk.client.post(path, json=card, headers=desk.partner(account))
    assert (twice.status_code, twice.json()["code"]) == (409, "on-deal")
    again = await order(desk, account, quote.id, ON_DEAL)
    assert (again.status_code, again.json()["code"]) == (409, "quote-already-ordered")


async def test_a_declined_card_leaves_the_deal(desk: OrderDesk, account: str) -> None:
    quote = await desk.quote(account, deal_id=await deal(desk, account))
    assert (await desk.buy(desk.partner(account), quote.id, "tok_declined")).status_code == 402
    answer = await order(desk, account, quote.id, ON_DEAL)
    assert (answer.status_code, answer.json()["status"]) == (201, "pending")


@pytest.mark.parametrize(
    ("payment", "pointer", "code"),
    [
        (ON_DEAL, "/payment/method", "no-deal"),
        ({"method": "deal", "token": "tok_visa"}, "/payment/token", "not-with-a-deal"),
        ({"method": "card"}, "/payment/token", "missing"),
    ],
)
async def test_what_cannot_be_paid_so_is_named(
    desk: OrderDesk, account: str, payment: Any, pointer: str, code: str
) -> None:
    quote = await desk.quote(account)
    answer = await order(desk, account, quote.id, payment)
    assert answer.status_code == 422
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]


async def test_a_closed_deal_takes_no_order(desk: OrderDesk, account: str) -> None:
    deal_id = await deal(desk, account)
    quote = await desk.quote(account, deal_id=deal_id)
    headers = desk.partner(account)
    closed = await desk.client.post(f"/v1/deals/{deal_id}/close", json={}, headers=headers)
    assert closed.status_code == 200, closed.text
    answer = await order(desk, account, quote.id, ON_DEAL)
    assert (answer.status_code, answer.json()["code"]) == (409, "deal-closed")
    assert await desk.scalar("SELECT count(*) FROM orders WHERE quote_id = :q", q=quote.id) == 0


async def test_a_deal_takes_no_more_words_than_its_invoice_can_tell(
    desk: OrderDesk, account: str
) -> None:
    """The invoice is one event, and has a largest size: closing what would pass it was a 500."""
    gathered, placed = await opened(desk, account), 0
    words = {"description": "\U0001f527" * 200}
    while True:
        items = tuple(each.model_copy(update=words) for each in lines(*[9] * 50))
        quote = await desk.quote(account, deal_id=gathered["id"], items=items)
        if (answer := await place(desk, account, quote.id)).is_error:
            break
        placed += 1
    assert (answer.status_code, answer.json()["code"]) == (409, "deal-full")
    assert placed > 10
    shut = await close(desk, account, gathered, include_unfinished=True)
    assert shut.status_code == 200, shut.text
    assert len(shut.json()["invoice"]["lines"]) == placed * 50
