"""How fast an endpoint is sent to, what is too late to be sent, and replays beside both orders."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from prometheus_client import REGISTRY

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.happenings import event
from infra.notifying import notifier_settings, receive
from infra.receiver import Receiver, status
from infra.waiting import eventually
from infra.webhooks import Subscriber, at_work
from services.notifier.main import build
from shared.service import Service


@pytest_asyncio.fixture(scope="module")
async def service(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Service]:
    made = build(notifier_settings(await module_database("notifier")), keys=keys)
    async with at_work(made, "deliveries", "replays"):
        yield made


def counted(outcome: str) -> float:
    name = "roadworthy_deliveries_total"
    return REGISTRY.get_sample_value(name, {"outcome": outcome}) or 0.0


async def ended(dealer: Subscriber, endpoint: dict[str, Any], wanted: str) -> dict[str, Any]:
    """Wait until the endpoint's one delivery has this status; return it."""
    path = f"/v1/webhook-endpoints/{endpoint['id']}/deliveries"

    async def so() -> Any:
        [only] = (await dealer.get(path))["data"]
        return only if only["status"] == wanted else None

    found: dict[str, Any] = await eventually(so)
    return found


async def remind(dealer: Subscriber, ago: timedelta) -> None:
    """Have a reminder come in so long after it was due."""
    made = event("reminder.due", partner_id=dealer.partner_id)
    await receive(dealer.service, replace(made, time=made.time - ago))


async def test_an_endpoint_gets_no_more_a_second_than_it_asked_for(
    dealer: Subscriber, receiver: Receiver
) -> None:
    await dealer.register(receiver.url, rate_per_second=10, window=10)
    for _ in range(8):
        await dealer.happen()
    await receiver.first(1)
    began = time.monotonic()
    await receiver.first(8)
    assert time.monotonic() - began > 6 / 10  # seven gaps, one of which may be nearly over


@pytest.mark.seed(28)
async def test_what_comes_too_late_is_not_sent_and_says_so(
    dealer: Subscriber, receiver: Receiver
) -> None:
    endpoint = await dealer.register(receiver.url, "reminder.*")
    before = counted("expired")
    await remind(dealer, timedelta(hours=25))
    late = await ended(dealer, endpoint, "expired")
    assert (await dealer.get(f"/v1/deliveries/{late['id']}"))["attempts"] == []
    assert receiver.requests == []
    await eventually(lambda: counted("expired") == before + 1)

    await dealer.post(f"/v1/deliveries/{late['id']}/retry")  # who asks wants it, however late
    await ended(dealer, endpoint, "delivered")
    assert len(receiver.requests) == 1


@pytest.mark.seed(68, 75)
async def test_a_replay_to_an_ordered_endpoint_keeps_the_order_through_failures(
    dealer: Subscriber, receiver: Receiver
) -> None:
    endpoint = await dealer.register(receiver.url, ordered=True, window=10)
    for sequence in range(1, 5):
        await dealer.happen(id="ord_1", sequence=sequence)
    await receiver.first(4)
    receiver.requests.clear()
    receiver.answers = [status(204), status(500)]
    replay = await dealer.post(f"/v1/webhook-endpoints/{endpoint['id']}/replay", {})
    done = await dealer.become(f"/v1/replays/{replay['id']}", status="finished")
    assert done["delivered"] == 4
    assert [each.json["sequence"] for each in receiver.requests] == [1, 2, 2, 3, 4]


@pytest.mark.seed(75, 76)
async def test_a_replay_to_a_latest_endpoint_sends_every_state_that_was_asked_for(
    dealer: Subscriber, receiver: Receiver
) -> None:
    endpoint = await dealer.register(receiver.url, delivery="latest")
    receiver.answering.clear()
    for sequence in range(1, 5):
        await dealer.happen(id="ord_1", sequence=sequence)
    await receiver.first(1)
    receiver.answering.set()
    await eventually(lambda: receiver.requests[-1].json["sequence"] == 4)
    receiver.requests.clear()
    replay = await dealer.post(f"/v1/webhook-endpoints/{endpoint['id']}/replay", {})
    done = await dealer.become(f"/v1/replays/{replay['id']}", status="finished")
    assert (done["total"], done["delivered"]) == (4, 4)
    assert sorted(each.json["sequence"] for each in receiver.requests) == [1, 2, 3, 4]
