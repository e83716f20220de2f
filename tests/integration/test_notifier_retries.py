"""Deliveries that fail: tried again on schedule, through restarts, and side by side."""

from __future__ import annotations

import asyncio
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Any

import aiohappyeyeballs
import pytest
import pytest_asyncio

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.notifying import notifier_settings, published
from infra.receiver import Receiver, receiving, status
from infra.retrying import Account
from infra.running import client_of
from infra.waiting import eventually
from infra.webhooks import at_work
from services.notifier.main import build
from shared.service import Service
from shared.shift import ShiftedClock

Start = Callable[..., Awaitable[Service]]


@pytest_asyncio.fixture
async def url(database: MakeDatabase) -> str:
    return await database("notifier")


@pytest.fixture
def clock() -> ShiftedClock:
    return ShiftedClock()


@pytest_asyncio.fixture
async def start(url: str, clock: ShiftedClock, keys: SigningKeys) -> AsyncIterator[Start]:
    """Start engines on one database, with the settings given."""
    async with AsyncExitStack() as stack:

        async def started(**more: Any) -> Service:
            made = build(notifier_settings(url, **more), clock=clock, keys=keys)
            return await stack.enter_async_context(at_work(made, "deliveries"))

        yield started


@pytest.mark.seed(28, 29)
async def test_a_failing_delivery_is_retried_with_the_same_id_until_it_is_taken(
    start: Start, receiver: Receiver, keys: SigningKeys
) -> None:
    account = Account(await start(), keys)
    endpoint = await account.register(receiver.url)
    receiver.answers = [status(500), status(302, Location="/elsewhere")]
    event_id = await account.happen()

    delivery = await account.delivery(endpoint, "delivered")

    assert [request.id for request in receiver.requests] == [event_id] * 3
    assert {request.path for request in receiver.requests} == {"/hooks"}
    assert len({request.body for request in receiver.requests}) == 1
    assert [each["status"] for each in delivery["attempts"]] == [500, 302, 204]
    assert delivery["attempts"][0]["answer"] == "told 500"
    assert (await account.get(f"/v1/webhook-endpoints/{endpoint['id']}"))["failing_since"] is None


async def test_a_fault_of_our_own_is_an_attempt_that_failed_and_no_delivery_in_hand_for_ever(
    start: Start, receiver: Receiver, keys: SigningKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect, faults = aiohappyeyeballs.start_connection, [RuntimeError("the transport is closed")]

    async def connected(*places: Any, **more: Any) -> socket.socket:
        if faults:
            raise faults.pop()
        return await connect(*places, **more)

    monkeypatch.setattr(aiohappyeyeballs, "start_connection", connected)
    account = Account(await start(), keys)
    endpoint = await account.register(receiver.url)
    await account.happen()

    delivery = await account.delivery(endpoint, "delivered")
    assert [each["error"] for each in delivery["attempts"]] == ["internal-error", None]


@pytest.mark.seed(28)
async def test_retries_end_in_exhausted_and_a_manual_resend_goes_out(
    start: Start, receiver: Receiver, keys: SigningKeys
) -> None:
    account = Account(await start(), keys)
    endpoint = await account.register(receiver.url)
    receiver.usual = status(503)
    event_id = await account.happen()

    exhausted = await account.delivery(endpoint, "exhausted")
    assert exhausted["attempt_count"] == len(exhausted["attempts"]) == len(receiver.requests) == 4
    assert await published(account.service, "delivery.exhausted") == [exhausted["id"]]

    receiver.usual = status(200)
    assert (await account.post(f"/v1/deliveries/{exhausted['id']}/retry")).status_code == 202
    delivered = await account.delivery(endpoint, "delivered")
    assert (delivered["id"], delivered["attempt_count"]) == (exhausted["id"], 5)
    assert receiver.requests[-1].id == event_id


@pytest.mark.seed(28)
async def test_retry_after_is_honoured(
    start: Start, receiver: Receiver, keys: SigningKeys, clock: ShiftedClock
) -> None:
    account = Account(await start(webhook_retries=(0.05, 3600)), keys)
    endpoint = await account.register(receiver.url)
    receiver.answers = [status(429, Retry_After="1800")]
    await account.happen()
    await receiver.first()
    waiting = await account.tried(endpoint)
    wait = datetime.fromisoformat(waiting["next_attempt_at"]) - clock.now()
    assert timedelta(seconds=1750) < wait <= timedelta(seconds=1800)
    clock.advance(timedelta(seconds=1800))
    await account.delivery(endpoint, "delivered")


async def test_gone_disables_the_endpoint_and_cancels_what_was_queued(
    start: Start, receiver: Receiver, keys: SigningKeys
) -> None:
    account = Account(await start(webhook_window=1), keys)
    endpoint = await account.register(receiver.url)
    receiver.usual = status(410)
    for _ in range(3):
        await account.happen()

    async def disabled() -> dict[str, Any] | None:
        seen: dict[str, Any] = await account.get(f"/v1/webhook-endpoints/{endpoint['id']}")
        return seen if seen["status"] == "disabled" else None

    assert (await eventually(disabled))["disabled_reason"] == "gone"
    assert await published(account.service, "endpoint.disabled") == [endpoint["id"]]
    page = await account.get(f"/v1/webhook-endpoints/{endpoint['id']}/deliveries?status=canceled")
    assert len(page["data"]) == 3
    every = f"/v1/webhook-endpoints/{endpoint['id']}/deliveries"
    before = (await account.get(every))["data"]
    await account.happen()
    assert (await account.get(every))["data"] == before
    assert len(receiver.requests) == 1
    retried = await account.post(f"/v1/deliveries/{page['data'][0]['id']}/retry")
    assert (retried.status_code, retried.json()["code"]) == (409, "endpoint-disabled")


async def test_five_days_without_a_success_disable(
    start: Start, receiver: Receiver, keys: SigningKeys, clock: ShiftedClock
) -> None:
    day = timedelta(days=1).total_seconds()
    account = Account(await start(webhook_retries=(day,) * 4), keys)
    endpoint = await account.register(receiver.url)
    path = f"/v1/webhook-endpoints/{endpoint['id']}"
    receiver.usual = status(500)
    await account.happen()
    for number in range(1, 5):
        await account.tried(endpoint, number)
        clock.advance(timedelta(days=1, hours=2, minutes=24))  # with the most of jitter
    await account.delivery(endpoint, "exhausted")
    assert (await account.get(path))["status"] == "enabled"

    clock.advance(timedelta(hours=16))
    await account.happen()
    await receiver.first(6)

    async def reason() -> Any:
        seen = await account.get(f"/v1/webhook-endpoints/{endpoint['id']}")
        return seen["disabled_reason"]

    assert await eventually(reason) == "failing"
    assert await published(account.service, "endpoint.disabled") == [endpoint["id"]]


@pytest.mark.seed(28, 29)
async def test_retries_survive_a_restart(
    url: str, receiver: Receiver, keys: SigningKeys, clock: ShiftedClock
) -> None:
    settings = notifier_settings(url, webhook_retries=(0.05, 60.0, 60.0))
    receiver.usual = status(500)
    async with at_work(build(settings, clock=clock, keys=keys), "deliveries") as first:
        account = Account(first, keys)
        await account.register(receiver.url)
        event_id = await account.happen()
        await receiver.first(2)

    receiver.usual = status(204)
    clock.advance(timedelta(minutes=2))
    async with at_work(build(settings, clock=clock, keys=keys), "deliveries") as second:
        account.service, account.client = second, client_of(second)
        await receiver.first(3)
        assert {request.id for request in receiver.requests} == {event_id}
        page = await account.get("/v1/webhook-endpoints")
        delivery = await account.delivery(page["data"][0], "delivered")
        assert delivery["attempt_count"] == 3


async def test_what_a_killed_engine_held_goes_on_elsewhere(
    url: str, receiver: Receiver, keys: SigningKeys
) -> None:
    """The receiver hangs, its engine is torn down as a kill would; the lease runs out."""
    settings = notifier_settings(url, webhook_lease=1.0, webhook_timeout=0.9)
    killed = build(settings, keys=keys)
    receiver.answering.clear()
    await killed.parts["deliveries"].start()
    account = Account(killed, keys)
    endpoint = await account.register(receiver.url)
    await account.happen()
    await receiver.first()
    held = [task for task in asyncio.all_tasks() if task.get_name() == endpoint["id"]]
    for task in held:
        task.cancel()
    await asyncio.gather(*held, return_exceptions=True)
    await killed.parts["deliveries"].stop()
    receiver.answering.set()

    async with at_work(build(settings, keys=keys), "deliveries") as heir:
        account.service, account.client = heir, client_of(heir)
        delivery = await account.delivery(endpoint, "delivered")
    assert len(receiver.requests) == 2
    assert delivery["attempt_count"] == 1  # the other never came to an end
    await killed.engine.dispose()


async def test_two_engines_side_by_side_send_each_delivery_once(
    start: Start, receiver: Receiver, keys: SigningKeys
) -> None:
    account = Account(await start(webhook_window=10), keys)
    await start(webhook_window=10)
    endpoint = await account.register(receiver.url)
    sent = [await account.happen(sequence=number) for number in range(60)]

    async def all_delivered() -> bool:
        page = await account.get(f"/v1/webhook-endpoints/{endpoint['id']}/deliveries?limit=100")
        return [each["status"] for each in page["data"]] == ["delivered"] * 60

    await eventually(all_delivered)
    assert Counter(request.id for request in receiver.requests) == Counter(sent)


async def test_an_endpoint_that_hangs_delays_no_other(
    start: Start, receiver: Receiver, keys: SigningKeys
) -> None:
    async with receiving() as hanging:
        hanging.answering.clear()
        account = Account(await start(webhook_timeout=5.0), keys)
        await account.register(hanging.url)
        await account.register(receiver.url)
        began = time.monotonic()
        for number in range(20):
            await account.happen(sequence=number)
        await receiver.first(20)

        assert time.monotonic() - began < 4.0
        assert len(hanging.requests) == 4  # its window


async def test_a_receiver_that_is_too_slow_has_failed(
    start: Start, receiver: Receiver, keys: SigningKeys
) -> None:
    account = Account(await start(webhook_timeout=0.2, webhook_retries=(3600,)), keys)
    endpoint = await account.register(receiver.url)
    receiver.answering.clear()
    await account.happen()
    tried = await account.tried(endpoint)
    delivery = await account.get(f"/v1/deliveries/{tried['id']}")
    [attempt] = delivery["attempts"]
    assert (attempt["status"], attempt["error"]) == (None, "timed-out")
    assert 200 <= attempt["duration_ms"] < 2000
