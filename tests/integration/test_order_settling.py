"""Payments that take their time, and what is left of a process that died among them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from infra.orders import OrderDesk
from infra.waiting import eventually
from services.order.domain.payment import Succeeded
from services.order.handlers.settling import Till, conclude
from services.order.payments.sandbox import Sandbox
from services.order.repository.orders import SYSTEM
from shared.ids import new_id

PAID = [("payment.succeeded", 1), ("service.created", 1)]


@pytest.fixture
def account() -> str:
    return new_id("par")


@asynccontextmanager
async def provider_hangs(desk: OrderDesk) -> AsyncIterator[None]:
    """Keep the other company's books locked, so that no call to it comes back."""
    async with desk.service.engine.begin() as connection:
        await connection.execute(text("LOCK TABLE sandbox_charges IN ACCESS EXCLUSIVE MODE"))
        yield


async def _status(desk: OrderDesk, order_id: str, status: str) -> dict[str, Any] | None:
    order = await desk.read(order_id)
    return order if order["status"] == status else None


async def _settled(desk: OrderDesk, order_id: str, status: str) -> dict[str, Any]:
    order = await eventually(lambda: _status(desk, order_id, status))
    assert order
    return order


@pytest.mark.seed(7, 8)
async def test_a_process_that_dies_before_the_provider_answers_loses_nothing(
    desk: OrderDesk, account: str
) -> None:
    quote = await desk.quote(account)
    headers = desk.partner(account) | {"Idempotency-Key": "dies"}
    async with provider_hangs(desk):
        request = asyncio.create_task(desk.buy(headers, quote.id))
        order_id = await eventually(
            lambda: desk.scalar("SELECT id FROM orders WHERE quote_id = :q", q=quote.id)
        )
        request.cancel()
        with suppress(asyncio.CancelledError):
            await request
        assert (await desk.read(order_id))["payments"][0]["status"] == "processing"
    order = await _settled(desk, order_id, "pending")
    assert await desk.events(order) == PAID
    # The client, which never had an answer, asks again with the same key.
    again = await desk.buy(headers, quote.id)
    assert (again.status_code, again.json()["id"]) == (201, order_id)
    assert await desk.events(order) == PAID


@pytest.mark.seed(8)
async def test_a_key_whose_payment_is_under_way_pays_for_nothing_else(
    desk: OrderDesk, account: str
) -> None:
    """Both were charged, and the first was told that its key was another request's."""
    first, second = await desk.quote(account), await desk.quote(account)
    headers = desk.partner(account) | {"Idempotency-Key": "twice"}
    async with provider_hangs(desk):
        paying = asyncio.create_task(desk.buy(headers, first.id))
        order_id = await eventually(
            lambda: desk.scalar("SELECT id FROM orders WHERE quote_id = :q", q=first.id)
        )
        other = await desk.buy(headers, second.id)
        assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-in-use")
        paying.cancel()
        with suppress(asyncio.CancelledError):
            await paying
    await _settled(desk, order_id, "pending")
    other = await desk.buy(headers, second.id)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert (await desk.buy(headers, first.id)).json()["id"] == order_id
    assert await desk.scalar("SELECT id FROM orders WHERE quote_id = :q", q=second.id) is None


async def test_a_provider_that_is_silent_is_asked_again_later(
    desk: OrderDesk, account: str
) -> None:
    quote = await desk.quote(account)
    await desk.heard_of(quote)
    async with provider_hangs(desk):
        answer = await desk.buy(desk.partner(account) | {"Prefer": "wait=1"}, quote.id)
        assert answer.status_code == 202
        assert answer.json()["payment"]["status"] == "processing"
        assert answer.headers["Location"] == f"/v1/orders/{answer.json()['id']}"
    order = await _settled(desk, answer.json()["id"], "pending")
    assert await desk.events(order) == PAID


async def test_a_late_success_comes_by_itself(desk: OrderDesk, account: str) -> None:
    quote = await desk.quote(account)
    await desk.heard_of(quote)
    headers = desk.partner(account) | {"Prefer": "wait=0"}
    answer = await desk.buy(headers, quote.id, "tok_late_success")
    assert (answer.status_code, answer.json()["status"]) == (202, "awaiting-payment")
    order = await _settled(desk, answer.json()["id"], "pending")
    assert await desk.events(order) == PAID


async def test_whoever_waits_long_enough_sees_a_late_success(desk: OrderDesk, account: str) -> None:
    quote = await desk.quote(account)
    headers = desk.partner(account) | {"Prefer": "wait=9"}
    answer = await desk.buy(headers, quote.id, "tok_late_success")
    assert (answer.status_code, answer.json()["status"]) == (201, "pending")


async def test_a_payment_waits_for_its_payer(desk: OrderDesk, account: str) -> None:
    quote = await desk.quote(account)
    headers = desk.partner(account)
    answer = await desk.buy(headers, quote.id, "tok_action_required")
    payment = answer.json()["payment"]
    assert (answer.status_code, payment["status"]) == (202, "processing")
    path = f"/v1/sandbox/payments/{payment['id']}/authenticate"
    assert payment["next_action"] == {
        "type": "authenticate",
        "url": f"{desk.settings.public_url}/checkout/bank/{payment['id']}",
    }
    stranger = await desk.client.post(path, headers=desk.partner(new_id("par")))
    assert stranger.status_code == 404
    settled = await desk.client.post(path, headers=headers)
    assert (settled.status_code, settled.json()["status"]) == (200, "pending")
    assert settled.json()["payments"][0]["next_action"] is None
    again = await desk.client.post(path, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "nothing-to-authenticate")
    assert await desk.events(settled.json()) == PAID


async def test_another_card_takes_over_from_a_payer_who_never_acts(
    desk: OrderDesk, account: str
) -> None:
    quote = await desk.quote(account)
    headers = desk.partner(account)
    first = (await desk.buy(headers, quote.id, "tok_action_required")).json()
    paid = await desk.buy(headers, quote.id)
    assert (paid.status_code, paid.json()["id"]) == (201, first["id"])
    codes = [payment["failure_code"] for payment in paid.json()["payments"]]
    assert codes == ["payment-abandoned", None]
    path = f"/v1/sandbox/payments/{first['payment']['id']}/authenticate"
    assert (await desk.client.post(path, headers=headers)).status_code == 409


async def test_a_payer_who_never_acts_is_given_up(desk: OrderDesk, account: str) -> None:
    quote = await desk.quote(account)
    first = (await desk.buy(desk.partner(account), quote.id, "tok_action_required")).json()
    desk.clock.advance(timedelta(seconds=desk.settings.payment_patience_seconds + 1))

    async def given_up() -> bool:
        payment = (await desk.read(first["id"]))["payments"][0]
        return bool(payment["failure_code"] == "payment-abandoned")

    assert await eventually(given_up)
    order = await desk.read(first["id"])
    assert order["status"] == "awaiting-payment"
    assert await desk.events(order) == [("payment.failed", 1)]


@pytest.mark.seed(8)
async def test_racing_and_repeated_notices_settle_once(desk: OrderDesk, account: str) -> None:
    quote = await desk.quote(account)
    first = (await desk.buy(desk.partner(account), quote.id, "tok_action_required")).json()
    second = timedelta(seconds=1)
    sandbox = Sandbox(desk.service.engine, desk.clock, url="http://bank.test", late=second)
    till = Till(desk.service.database, sandbox, second, second, second)
    payment_id = first["payment"]["id"]
    await asyncio.gather(*(conclude(till, payment_id, Succeeded(), SYSTEM) for _ in range(10)))
    await conclude(till, payment_id, Succeeded(), SYSTEM)
    assert await desk.events(await desk.read(first["id"])) == PAID


@pytest.mark.seed(21)
async def test_a_success_that_comes_after_the_cancellation_goes_back(
    desk: OrderDesk, account: str
) -> None:
    quote = await desk.quote(account)
    headers = desk.partner(account)
    begun = await desk.buy(headers, quote.id, "tok_action_required")
    order = begun.json()
    path = f"/v1/orders/{order['id']}"
    canceled = await desk.client.post(f"{path}/cancel", json={"reason": "sold"}, headers=headers)
    assert canceled.json()["status"] == "canceled"
    url = f"/v1/sandbox/payments/{order['payment']['id']}/authenticate"
    assert (await desk.client.post(url, headers=headers)).status_code == 200

    async def refunded() -> bool:
        return (await desk.read(order["id"]))["payments"][0]["status"] == "refunded"

    assert await eventually(refunded)
    assert await desk.events(order) == [("payment.succeeded", 1), ("payment.refunded", 2)]
    assert (await desk.read(order["id"]))["status"] == "canceled"


@pytest.mark.seed(21)
async def test_a_paid_order_that_is_canceled_is_refunded_once(
    desk: OrderDesk, account: str
) -> None:
    order = await desk.ordered(account)
    headers = desk.partner(account)
    path = f"/v1/orders/{order['id']}/cancel"
    answer = await desk.client.post(path, json={"reason": "sold"}, headers=headers)
    assert answer.status_code == 200

    async def refunds() -> bool:
        return ("payment.refunded", 2) in await desk.events(order)

    assert await eventually(refunds)
    payment = (await desk.read(order["id"]))["payments"][0]
    assert (payment["status"], payment["refunded"]["amount"]) == ("refunded", 44000)
    back = await desk.scalar(
        "SELECT sum(amount) FROM sandbox_refunds WHERE charge_key = :p", p=payment["id"]
    )
    assert back == 44000
