"""Buying a quote: one order, whatever the payment does."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from infra.orders import OrderDesk
from infra.running import read_topic
from infra.waiting import eventually
from shared.ids import new_id

NO_WAIT = {"Prefer": "wait=0"}


@pytest.fixture
def account() -> str:
    return new_id("par")


@pytest.mark.seed(7, 23)
async def test_a_paid_quote_becomes_one_pending_order_with_its_details(
    desk: OrderDesk, account: str
) -> None:
    quote = await desk.quote(account)
    answer = await desk.buy(desk.partner(account), quote.id)
    order = answer.json()
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/v1/orders/{order['id']}")
    told: dict[str, Any] = quote.model_dump(mode="json")
    for same in ("type", "vehicle", "subtotal", "tax", "total", "contact", "external_reference"):
        assert order[same] == told[same]
    assert order["estimated_duration"] == "PT2H"
    assert order["estimated_completion_at"] == told["estimated_completion_at"]
    assert [item["total"]["amount"] for item in order["items"]] == [44000]
    assert (order["status"], order["paid"], order["quote_id"]) == ("pending", True, quote.id)
    assert order["payment"]["status"] == "succeeded"
    assert await desk.events(order) == [("payment.succeeded", 1), ("service.created", 1)]


@pytest.mark.seed(23)
async def test_a_new_order_is_told_on_the_topic_with_its_details(
    desk: OrderDesk, account: str
) -> None:
    order = await desk.ordered(account)
    published = await eventually(lambda: _about(desk, order["id"]))
    assert [event.type for event in published] == ["service.created"]
    assert '"total":{"amount":44000,"currency":"AUD"}' in published[0].data
    assert published[0].partner_id == account


async def _about(desk: OrderDesk, subject: str) -> list[Any]:
    events = await read_topic(desk.settings, "order.events", 1)
    return [event for event in events if event.subject == subject]


@pytest.mark.seed(7, 8)
async def test_twenty_buyers_of_one_quote_make_one_order(desk: OrderDesk, account: str) -> None:
    quote = await desk.quote(account)
    answers = await asyncio.gather(*(desk.buy(desk.partner(account), quote.id) for _ in range(20)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 19}
    refused = [answer.json() for answer in answers if answer.status_code == 409]
    assert {each["code"] for each in refused} <= {"quote-already-ordered", "payment-in-progress"}
    (order,) = [answer.json() for answer in answers if answer.status_code == 201]
    assert {each["order_id"] for each in refused} == {order["id"]}
    assert await desk.scalar("SELECT count(*) FROM orders WHERE quote_id = :q", q=quote.id) == 1
    assert (
        await desk.scalar("SELECT count(*) FROM payments WHERE order_id = :o", o=order["id"]) == 1
    )
    assert await desk.events(order) == [("payment.succeeded", 1), ("service.created", 1)]


@pytest.mark.seed(8)
async def test_a_declined_card_makes_no_order_until_another_pays(
    desk: OrderDesk, account: str
) -> None:
    quote = await desk.quote(account)
    headers = desk.partner(account)
    declined = await desk.buy(headers, quote.id, "tok_declined")
    problem = declined.json()
    assert (declined.status_code, problem["code"]) == (402, "card-declined")
    assert [error["pointer"] for error in problem["errors"]] == ["/payment/token"]
    order = await desk.read(problem["order_id"])
    assert (order["status"], order["paid"]) == ("awaiting-payment", False)
    assert await desk.events(order) == [("payment.failed", 1)]

    paid = await desk.buy(headers, quote.id)
    assert (paid.status_code, paid.json()["id"]) == (201, problem["order_id"])
    statuses = [payment["status"] for payment in paid.json()["payments"]]
    assert statuses == ["failed", "succeeded"]
    again = await desk.buy(headers, quote.id)
    assert (again.status_code, again.json()["code"]) == (409, "quote-already-ordered")
    assert again.json()["order_id"] == order["id"]


async def test_an_unpaid_order_can_be_paid_by_its_own_address(
    desk: OrderDesk, account: str
) -> None:
    quote = await desk.quote(account)
    headers = desk.partner(account)
    problem = (await desk.buy(headers, quote.id, "tok_declined")).json()
    path = f"/v1/orders/{problem['order_id']}/payments"
    still = await desk.client.post(
        path, json={"method": "card", "token": "tok_declined"}, headers=headers
    )
    assert still.status_code == 402
    assert still.json()["errors"][0]["pointer"] == "/token"
    paid = await desk.client.post(
        path, json={"method": "card", "token": "tok_visa"}, headers=headers
    )
    assert (paid.status_code, paid.json()["status"]) == (201, "pending")
    assert paid.json()["payment"]["id"] == paid.json()["payments"][-1]["id"]


async def test_an_unpaid_attempt_is_listed_only_when_asked_for(
    desk: OrderDesk, account: str
) -> None:
    quote = await desk.quote(account)
    headers = desk.partner(account)
    problem = (await desk.buy(headers, quote.id, "tok_declined")).json()
    listed = await desk.client.get("/v1/orders", headers=headers)
    asked = await desk.client.get("/v1/orders?status=awaiting-payment", headers=headers)
    assert listed.json() == {"data": [], "next_cursor": None}
    assert [order["id"] for order in asked.json()["data"]] == [problem["order_id"]]


@pytest.mark.seed(9)
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": "pending", "items": ()}, "quote-declined"),
        ({"status": "declined"}, "quote-declined"),
        ({"status": "pending"}, "quote-not-priced"),
    ],
)
async def test_a_quote_that_is_not_for_sale_says_why(
    desk: OrderDesk, account: str, changes: dict[str, Any], code: str
) -> None:
    quote = await desk.quote(account, **changes)
    answer = await desk.buy(desk.partner(account), quote.id)
    assert (answer.status_code, answer.json()["code"]) == (409, code)


@pytest.mark.seed(9)
async def test_an_expired_quote_cannot_be_paid_and_makes_no_order(
    desk: OrderDesk, account: str
) -> None:
    past = desk.clock.now() - timedelta(seconds=1)
    quote = await desk.quote(account, expires_at=past)
    answer = await desk.buy(desk.partner(account), quote.id)
    assert (answer.status_code, answer.json()["code"]) == (409, "quote-expired")
    assert await desk.scalar("SELECT count(*) FROM orders WHERE quote_id = :q", q=quote.id) == 0


@pytest.mark.seed(9)
async def test_a_payment_begun_in_time_is_honoured_after_the_quote_expired(
    desk: OrderDesk, account: str
) -> None:
    quote = await desk.quote(account, expires_at=desk.clock.now() + timedelta(seconds=60))
    headers = desk.partner(account)
    begun = await desk.buy(headers, quote.id, "tok_action_required")
    assert begun.status_code == 202
    desk.clock.advance(timedelta(seconds=61))
    path = f"/v1/sandbox/payments/{begun.json()['payment']['id']}/authenticate"
    settled = await desk.client.post(path, headers=headers)
    assert (settled.status_code, settled.json()["status"]) == (200, "pending")


@pytest.mark.seed(9)
async def test_another_attempt_after_the_quote_expired_is_refused(
    desk: OrderDesk, account: str
) -> None:
    quote = await desk.quote(account, expires_at=desk.clock.now() + timedelta(seconds=60))
    headers = desk.partner(account)
    assert (await desk.buy(headers, quote.id, "tok_declined")).status_code == 402
    desk.clock.advance(timedelta(seconds=61))
    again = await desk.buy(headers, quote.id)
    assert (again.status_code, again.json()["code"]) == (409, "quote-expired")


async def test_an_unknown_token_is_refused_by_name_and_leaves_nothing(
    desk: OrderDesk, account: str
) -> None:
    quote = await desk.quote(account)
    answer = await desk.buy(desk.partner(account), quote.id, "tok_amex")
    assert answer.status_code == 422
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [
        ("/payment/token", "unknown-token")
    ]
    assert await desk.scalar("SELECT count(*) FROM orders WHERE quote_id = :q", q=quote.id) == 0


async def test_a_quote_on_its_way_is_waited_for(desk: OrderDesk, account: str) -> None:
    quote = desk.new_quote(account)
    buying = asyncio.create_task(desk.buy(desk.partner(account), quote.id))
    await asyncio.sleep(0.3)
    assert not buying.done()
    await desk.tell("quote.created", quote.id, 1, quote)
    assert (await buying).status_code == 201


@pytest.mark.seed(33)
async def test_anothers_quote_is_the_same_404_as_none(desk: OrderDesk, account: str) -> None:
    quote = await desk.quote(account)
    assert (await desk.buy(desk.partner(account), quote.id)).status_code == 201
    stranger = desk.partner(new_id("par")) | NO_WAIT
    theirs = await desk.buy(stranger, quote.id)
    nobodys = await desk.buy(stranger, new_id("quo"))
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.json() == nobodys.json()


@pytest.mark.seed(63)
@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"payment": {"method": "card", "token": "tok_visa"}}, "/quote_id"),
        ({"quote_id": new_id("quo")}, "/payment"),
        ({"quote_id": new_id("quo"), "payment": {"token": "tok_visa"}}, "/payment/method"),
        ({"quote_id": new_id("quo"), "payment": {"method": "card"}}, "/payment/token"),
        (
            {"quote_id": new_id("quo"), "payment": {"method": "card", "token": "t"}, "tip": 1},
            "/tip",
        ),
    ],
)
async def test_what_is_missing_or_unknown_is_named(
    desk: OrderDesk, account: str, body: dict[str, Any], pointer: str
) -> None:
    answer = await desk.client.post("/v1/orders", json=body, headers=desk.partner(account))
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_a_repeated_key_gives_the_same_answer(desk: OrderDesk, account: str) -> None:
    quote = await desk.quote(account)
    headers = desk.partner(account) | {"Idempotency-Key": "order-1"}
    first = await desk.buy(headers, quote.id)
    second = await desk.buy(headers, quote.id)
    other = await desk.buy(headers, quote.id, "tok_declined")
    assert (first.status_code, second.status_code, other.status_code) == (201, 201, 422)
    assert first.content == second.content
    assert second.headers["Idempotent-Replayed"] == "true"
    assert other.json()["code"] == "idempotency-key-reused"
