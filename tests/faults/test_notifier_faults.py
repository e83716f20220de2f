"""Workers killed and stopped, a database that restarts, receivers of every kind: nothing is lost.

NOTIFIER_FAULT_ROUNDS makes the first of them as long as one likes.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.delivering import Receivers, receivers
from infra.deployed import ServiceProcess
from infra.feeding import QUICK, Feed, complained, until_all
from infra.notifying import SECRETS_KEY, notifier_settings
from infra.running import bus_settings
from infra.servers import INFRA
from infra.waiting import eventually
from infra.webhooks import Subscriber, at_work
from services.notifier.main import build
from shared.service import Service

ROUNDS = int(os.environ.get("NOTIFIER_FAULT_ROUNDS", "1"))


@pytest_asyncio.fixture
async def listening() -> AsyncIterator[Receivers]:
    async with receivers() as made:
        yield made


async def whose(service: Service) -> str | None:
    """Name the worker that has a lane, if one has."""
    async with service.database.reading() as connection:
        found: str | None = await connection.scalar(text("SELECT min(worker_id::text) FROM lanes"))
        return found


@pytest.mark.seed(28, 29)
async def test_workers_that_are_killed_or_stopped_past_their_lease_lose_nothing(
    database: MakeDatabase,
    kafka_bootstrap: str,
    topic_prefix: str,
    keys: SigningKeys,
    tmp_path: Path,
    listening: Receivers,
) -> None:
    url = await database("notifier")
    bus = bus_settings(kafka_bootstrap, topic_prefix, embedded=INFRA == "embedded")
    service = build(notifier_settings(url, **bus, **QUICK), keys=keys)
    await service.kafka.create_topics()
    named = {"database_url": url, "webhook_secrets_key": SECRETS_KEY, "smtp_security": "none"}
    networks = {"webhook_allowed_networks": ["127.0.0.0/8"]}
    shown = {
        name.upper(): value if isinstance(value, str) else json.dumps(value)
        for name, value in (named | networks | bus | QUICK).items()
    }
    workers = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        workers.append(ServiceProcess("notifier", tmp_path / name, shown))
    one, other = workers
    feed = Feed(Subscriber(service, keys))
    await feed.dealer.register(f"{listening.origin}/ok", "service.*", ordered=True)
    await feed.dealer.register(f"{listening.origin}/slow", "service.*")

    async with AsyncExitStack() as stack:
        for worker in workers:
            stack.callback(worker.end)
        stack.push_async_callback(service.engine.dispose)
        await one.start("/healthz")
        for _ in range(ROUNDS):
            await feed.go_on(4)
            await eventually(lambda: len(listening.arrivals) > len(feed.promised), 20)
            one.signal(signal.SIGKILL)  # with some in flight
            await feed.go_on(4)
            await other.start("/healthz")
            await until_all(listening, feed)
            await feed.go_on(2)
            other.signal(signal.SIGSTOP)
            await feed.go_on(2)
            await one.start("/healthz")
            await until_all(listening, feed)  # past its lease
            other.signal(signal.SIGCONT)
            await feed.go_on(2)
            await until_all(listening, feed)
            other.signal(signal.SIGKILL)

    assert complained(feed, listening, "/ok", ordered=True) == []
    assert complained(feed, listening, "/slow") == []


async def test_receivers_of_every_kind_hold_up_nobody_else(
    database: MakeDatabase, keys: SigningKeys, listening: Receivers
) -> None:
    service = build(notifier_settings(await database("notifier"), **QUICK), keys=keys)
    feed = Feed(Subscriber(service, keys))
    kinds = ("hang", "reset", "500", "410", "302", "drip")
    made = {
        kind: await feed.dealer.register(f"{listening.origin}/{kind}", "service.*")
        for kind in ("slow", *kinds)
    }
    await feed.dealer.register(f"{listening.origin}/ok", "service.*", ordered=True)
    async with at_work(service, "deliveries"):
        await feed.go_on(6)
        healthy = ("/ok", "/slow")
        await eventually(lambda: all(listening.has_all(path, feed.promised) for path in healthy))
        for kind, why in {"hang": "timed-out", "reset": "connection-failed"}.items():
            assert why in await _errors(service, made[kind]["id"])
        path = f"/v1/webhook-endpoints/{made['410']['id']}"
        assert (await feed.dealer.become(path, status="disabled"))["disabled_reason"] == "gone"
        assert len(listening.at("/410")) <= 4  # what was in flight with the first
        await eventually(lambda: len(listening.at("/500")) > 5)

    assert complained(feed, listening, "/ok", ordered=True) == []
    assert complained(feed, listening, "/slow") == []
    assert listening.at("/elsewhere") == []  # no redirect was followed
    assert len(listening.at("/hang")) < len(feed.promised)  # probes, not the backlog


async def _connected(service: Service) -> None:
    async def answers() -> bool:
        try:
            await whose(service)
        except (DBAPIError, OSError):
            return False
        return True

    await eventually(answers, 20)


async def _errors(service: Service, endpoint_id: str) -> set[str]:
    query = text("""SELECT DISTINCT error FROM attempts a JOIN deliveries d ON d.id = a.delivery_id
                    WHERE d.endpoint_id = :id AND error IS NOT NULL""")

    async def some() -> set[str]:
        async with service.database.reading() as connection:
            return set((await connection.execute(query, {"id": endpoint_id})).scalars())

    found: set[str] = await eventually(some)
    return found
