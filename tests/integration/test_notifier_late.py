"""A retry that would come too late to be of use isn't made: the delivery says `expired`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from prometheus_client import REGISTRY

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.happenings import event
from infra.notifying import notifier_settings, published, receive
from infra.receiver import Receiver, receiving, status
from infra.retrying import Account
from infra.webhooks import at_work
from services.notifier.main import build
from shared.service import Service
from shared.shift import ShiftedClock

Start = Callable[..., Awaitable[Service]]

DAY = timedelta(days=1)


@pytest_asyncio.fixture
async def start(database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Start]:
    async with AsyncExitStack() as stack:

        async def started(wait: float, clock: ShiftedClock) -> Service:
            settings = notifier_settings(await database("notifier"), webhook_retries=(wait,))
            service = build(settings, clock=clock, keys=keys)
            return await stack.enter_async_context(at_work(service, "deliveries"))

        yield started


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        made.usual = status(500)
        yield made


def counted() -> float:
    outcome = {"outcome": "expired"}
    return REGISTRY.get_sample_value("roadworthy_deliveries_total", outcome) or 0.0


async def remind(account: Account, ago: timedelta = timedelta()) -> None:
    """Have a reminder come in so long after it was due."""
    made = event("reminder.due", partner_id=account.partner_id)
    await receive(account.service, replace(made, time=made.time - ago))


def check(gone: dict[str, Any], receiver: Receiver) -> None:
    """Check that it was tried once, and given up."""
    assert [each["status"] for each in gone["attempts"]] == [500]
    assert gone["finished_at"] is not None
    assert len(receiver.requests) == 1


@pytest.mark.seed(28)
async def test_a_failure_whose_retry_would_be_too_late_expires_at_once(
    start: Start, receiver: Receiver, keys: SigningKeys
) -> None:
    service = await start(3600.0, ShiftedClock())
    account, before = Account(service, keys), counted()
    endpoint = await account.register(receiver.url, "reminder.*")
    await remind(account, DAY - timedelta(minutes=30))

    check(await account.delivery(endpoint, "expired"), receiver)
    assert counted() == before + 1
    assert await published(service, "delivery.exhausted") == []


@pytest.mark.seed(28)
async def test_a_retry_that_is_overtaken_by_its_deadline_is_not_sent(
    start: Start, receiver: Receiver, keys: SigningKeys
) -> None:
    """As when everything stood still for a day between the two."""
    clock = ShiftedClock()
    service = await start(3600.0, clock)
    account, before = Account(service, keys), counted()
    endpoint = await account.register(receiver.url, "*")
    await remind(account)
    assert (await account.tried(endpoint))["status"] == "queued"
    clock.advance(DAY)

    check(await account.delivery(endpoint, "expired"), receiver)
    assert counted() == before + 1
    receiver.usual = status(204)
    await account.happen("service.updated")  # what has no deadline is told however late
    await account.delivery(endpoint, "delivered")
    assert [each.json["type"] for each in receiver.requests] == ["reminder.due", "service.updated"]
