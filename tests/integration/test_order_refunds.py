"""Giving money back: in parts, bounded by what is left, and of itself where it came too late."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from infra.orders import OrderDesk
from infra.waiting import eventually
from services.order.domain.payment import Succeeded
from services.order.handlers.settling import conclude
from services.order.repository.orders import SYSTEM
from shared.ids import new_id


@pytest.fixture
def account() -> str:
    return new_id("par")


def aud(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "AUD"}


async def give_back(
    desk: OrderDesk, order: dict[str, Any], amount: int | None = None, **headers: str
) -> httpx.Response:
    body: dict[str, Any] = {"reason": "scratched"}
    if amount is not None:
        body["amount"] = aud(amount)
    named = desk.keys.headers("operator") | headers
    return await desk.client.post(f"/v1/orders/{order['id']}/refunds", json=body, headers=named)


async def went_back(desk: OrderDesk, order: dict[str, Any], amount: int) -> dict[str, Any]:
    """Wait until so much went back; return the last payment."""

    async def look() -> dict[str, Any] | None:
        payment: dict[str, Any] = (await desk.read(order["id"]))["payments"][-1]
        return payment if payment["refunded"]["amount"] == amount else None

    found = await eventually(look)
    assert found
    return found


async def at_the_provider(desk: OrderDesk, payment_id: str) -> list[int]:
    query = "SELECT array_agg(amount ORDER BY key) FROM sandbox_refunds WHERE charge_key = :p"
    return await desk.scalar(query, p=payment_id) or []


@pytest.mark.seed(21)
async def test_a_payment_goes_back_in_parts_each_once(desk: OrderDesk, account: str) -> None:
    order = await desk.ordered(account)
    for amount in (10000, 10000, 4000):
        answer = await give_back(desk, order, amount)
        assert answer.status_code == 201, answer.text
        assert answer.headers["location"] == f"/v1/orders/{order['id']}"
    payment = await went_back(desk, order, 24000)
    assert (payment["status"], payment["refund_due"]["amount"]) == ("partially-refunded", 0)
    assert [each["amount"]["amount"] for each in payment["refunds"]] == [10000, 10000, 4000]
    assert {each["reason"] for each in payment["refunds"]} == {"scratched"}
    assert await at_the_provider(desk, payment["id"]) == [10000, 10000, 4000]
    rest = await give_back(desk, order)
    assert rest.json()["payments"][0]["refund_due"] == aud(20000)
    payment = await went_back(desk, order, 44000)
    assert payment["status"] == "refunded"
    told = await desk.logged(payment["id"])
    assert [each.type for each in told] == ["payment.succeeded", *["payment.refunded"] * 4]
    # The work goes on all the same.
    assert (await desk.read(order["id"]))["status"] == "pending"


async def test_no_more_goes_back_than_is_left(desk: OrderDesk, account: str) -> None:
    order = await desk.ordered(account)
    assert (await give_back(desk, order, 40000)).status_code == 201
    for amount, pointer, code in [
        (4001, "/amount/amount", "too-much"),
        (0, "/amount/amount", "greater-than-equal"),
    ]:
        refused = await give_back(desk, order, amount)
        [error] = refused.json()["errors"]
        assert (refused.status_code, error["pointer"], error["code"]) == (422, pointer, code)
    body = {"reason": "scratched", "amount": {"amount": 1, "currency": "EUR"}}
    path = f"/v1/orders/{order['id']}/refunds"
    foreign = await desk.client.post(path, json=body, headers=desk.keys.headers("operator"))
    assert foreign.json()["errors"][0]["pointer"] == "/amount/currency"
    assert (await give_back(desk, order)).status_code == 201
    nothing = await give_back(desk, order)
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing-to-refund")


async def test_racing_refunds_never_give_back_more_than_came_in(
    desk: OrderDesk, account: str
) -> None:
    order = await desk.ordered(account)
    answers = await asyncio.gather(*(give_back(desk, order, 20000) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 422, 422, 422, 422]
    payment = await went_back(desk, order, 40000)
    assert await at_the_provider(desk, payment["id"]) == [20000, 20000]


async def test_a_repeated_request_gives_back_once(desk: OrderDesk, account: str) -> None:
    order = await desk.ordered(account)
    key = desk.keys.headers("operator") | {"Idempotency-Key": new_id("key")}
    answers = [await give_back(desk, order, 1000, **key) for _ in range(3)]
    assert len({answer.content for answer in answers}) == 1
    payment = await went_back(desk, order, 1000)
    assert await at_the_provider(desk, payment["id"]) == [1000]


async def test_who_gave_back_what_and_why_stands_in_the_history(
    desk: OrderDesk, account: str
) -> None:
    runs = new_id("par")
    order = await desk.ordered(account, workshop_id=await desk.workshop(runs))
    path = f"/v1/orders/{order['id']}/refunds"
    workshop = desk.workshop_headers(runs)

    async def given() -> bool:
        body = {"reason": "scratched", "amount": aud(500)}
        return (await desk.client.post(path, json=body, headers=workshop)).status_code == 201

    await eventually(given)
    history = await desk.client.get(f"/v1/orders/{order['id']}/history", headers=workshop)
    last = history.json()["data"][-1]
    assert (last["actor"]["role"], last["reason"]) == ("workshop", "Refund: scratched")
    others = desk.workshop_headers(new_id("par"))
    refused = await desk.client.post(path, json={"reason": "mine"}, headers=others)
    assert refused.status_code == 404
    partner = await desk.client.post(path, json={"reason": "mine"}, headers=desk.partner(account))
    assert partner.status_code == 403


@pytest.mark.seed(21)
@pytest.mark.parametrize(("part", "back"), [(None, 44000), (30000, 30000), (0, 0)])
async def test_a_cancellation_gives_back_all_or_as_much_as_it_says(
    desk: OrderDesk, account: str, part: int | None, back: int
) -> None:
    order = await desk.ordered(account)
    body: dict[str, Any] = {"reason": "sold"}
    if part is not None:
        body["refund"] = {"amount": aud(part)}
    path = f"/v1/orders/{order['id']}/cancel"
    answer = await desk.client.post(path, json=body, headers=desk.partner(account))
    assert (answer.status_code, answer.json()["status"]) == (200, "canceled")
    assert answer.json()["payments"][0]["refund_due"] == aud(back)
    payment = await went_back(desk, order, back)
    assert sum(await at_the_provider(desk, payment["id"])) == back


async def test_a_cancellation_cannot_give_back_more_than_was_paid(
    desk: OrderDesk, account: str
) -> None:
    order = await desk.ordered(account)
    body = {"reason": "sold", "refund": {"amount": aud(44001)}}
    path = f"/v1/orders/{order['id']}/cancel"
    answer = await desk.client.post(path, json=body, headers=desk.partner(account))
    assert answer.json()["errors"][0]["pointer"] == "/refund/amount/amount"
    assert (await desk.read(order["id"]))["status"] == "pending"


@pytest.mark.seed(9, 66)
async def test_a_payment_begun_before_the_quote_expired_is_honoured(
    desk: OrderDesk, account: str
) -> None:
    soon = desk.clock.now() + timedelta(minutes=10)
    quote = await desk.quote(account, expires_at=soon)
    headers = desk.partner(account)
    begun = (await desk.buy(headers, quote.id, "tok_action_required")).json()
    desk.clock.advance(timedelta(minutes=11))
    path = f"/v1/sandbox/payments/{begun['payment']['id']}/authenticate"
    paid = await desk.client.post(path, headers=headers)
    assert (paid.status_code, paid.json()["status"]) == (200, "pending")


@pytest.mark.seed(9, 66)
async def test_a_success_after_everyone_was_told_of_a_failure_goes_back_by_itself(
    desk: OrderDesk, account: str
) -> None:
    """The payer acted after the payment was given up, and the quote had expired by then."""
    quote = await desk.quote(account, expires_at=desk.clock.now() + timedelta(minutes=10))
    begun = (await desk.buy(desk.partner(account), quote.id, "tok_action_required")).json()
    payment_id = begun["payment"]["id"]
    desk.clock.advance(timedelta(seconds=desk.settings.payment_patience_seconds + 1))

    async def given_up() -> bool:
        return bool((await desk.read(begun["id"]))["payments"][0]["status"] == "failed")

    await eventually(given_up)
    # Banks have been seen to settle what they were told to forget.
    async with desk.service.engine.begin() as connection:
        moved = text("UPDATE sandbox_charges SET state = 'succeeded' WHERE key = :key")
        await connection.execute(moved, {"key": payment_id})
    for _ in range(3):
        await conclude(desk.till, payment_id, Succeeded(), SYSTEM)
    payment = await went_back(desk, begun, 44000)
    assert payment["refunds"][0]["reason"] == "The payment came too late."
    assert await at_the_provider(desk, payment_id) == [44000]
    types = [each.type for each in await desk.logged(payment_id, begun["id"])]
    assert types == ["payment.failed", "payment.succeeded", "payment.refunded"]
    assert (await desk.read(begun["id"]))["status"] == "awaiting-payment"
