"""From the topic to an effect, once, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer

from infra.plumbing import TOPIC, effects, happened, note, records, rows
from infra.servers import PostgresServer
from infra.waiting import eventually
from shared.database import Database, Transaction
from shared.events import Event
from shared.inbox import Inbox
from shared.kafka import Kafka, Receive, Records
from shared.settings import ServiceSettings

Send = Callable[..., Awaitable[None]]
ROOT = Path(__file__).parents[2]
STOP_SECONDS = 15
EFFECTS = {"partner.updated": note}


@asynccontextmanager
async def reading(bus: ServiceSettings, receive: Receive) -> AsyncIterator[None]:
    await Kafka(bus).create_topics([TOPIC])
    subscription = Kafka(bus).subscription("reader", [TOPIC], receive)
    await subscription.start()
    try:
        yield
    finally:
        await subscription.stop()


@pytest.fixture
def send(raw_producer: AIOKafkaProducer, bus: ServiceSettings) -> Send:
    async def send(*events: Event) -> None:
        for event in events:
            key, value = event.subject.encode(), event.data.encode()
            await raw_producer.send_and_wait(
                Kafka(bus).topic(TOPIC), value, key=key, headers=event.headers()
            )

    return send


async def test_a_redelivered_event_has_its_effect_once(bare: Database) -> None:
    inbox = Inbox("reader", bare, EFFECTS)
    first, second = happened("one", 1), happened("one", 2)
    await inbox.receive(records(first))
    await inbox.receive(records(first, second, second))
    await Inbox("reader", bare, EFFECTS).receive(records(first, second))
    assert await effects(bare) == [("one", 1), ("one", 2)]


async def test_each_consumer_has_its_own_effect(bare: Database) -> None:
    event = happened("one", 1)
    for consumer in ("quote", "order"):
        await Inbox(consumer, bare, EFFECTS).receive(records(event))
    assert len(await effects(bare)) == 2


async def test_types_without_an_effect_pass_by_and_leave_no_row(bare: Database) -> None:
    await Inbox("reader", bare, {"partner.created": note}).receive(records(happened("one", 1)))
    assert await rows(bare, "SELECT event_id FROM inbox") == []
    await Inbox("reader", bare, {"*": note}).receive(records(happened("one", 1)))
    assert await effects(bare) == [("one", 1)]


async def test_two_members_with_the_same_event_have_one_effect(bare: Database) -> None:
    """After a rebalance the former member may still be at work."""

    async def slow(work: Transaction, event: Event) -> None:
        await note(work, event)
        await asyncio.sleep(0.2)

    members = [Inbox("reader", bare, {"*": slow}) for _ in range(3)]
    batch = records(happened("one", 1))
    await asyncio.gather(*(member.receive(batch) for member in members))
    assert await effects(bare) == [("one", 1)]


async def test_a_crash_after_the_effect_redelivers_and_has_it_once(
    bare: Database, bare_url: str, bus: ServiceSettings, send: Send
) -> None:
    await Kafka(bus).create_topics([TOPIC])
    await send(happened("one", 1), happened("one", 2))
    crashing = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", DIES_BEFORE_ITS_ACKNOWLEDGEMENT),
        *(bare_url, bus.model_dump_json()),
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT / "tests")},
    )
    assert await crashing.wait() == 9
    had = await effects(bare)
    assert had[0] == ("one", 1)

    redelivered: list[str] = []
    inbox = Inbox("reader", bare, EFFECTS)

    async def receive(batch: Records) -> None:
        redelivered.extend(dict(each.headers)["ce_id"].decode() for each in batch)
        await inbox.receive(batch)

    async with reading(bus, receive):
        await eventually(lambda: len(redelivered) == 2, seconds=30)
        await send(happened("one", 3))
        await eventually(lambda: len(redelivered) == 3)
    assert await effects(bare) == [("one", 1), ("one", 2), ("one", 3)]


DIES_BEFORE_ITS_ACKNOWLEDGEMENT = """
import asyncio, json, os, sys
from infra.plumbing import TOPIC, note
from shared.clock import SystemClock
from shared.database import Database, create_engine
from shared.inbox import Inbox
from shared.kafka import Kafka
from shared.settings import ServiceSettings

url, bus = sys.argv[1:]

async def main():
    database = Database(create_engine(url, application="crashing"), SystemClock(), source="/test")
    inbox = Inbox("reader", database, {"*": note})

    async def receive(records):
        await inbox.receive(records)
        os._exit(9)

    settings = ServiceSettings.model_validate(json.loads(bus) | {"database_url": url})
    await Kafka(settings).subscription("reader", [TOPIC], receive).start()
    await asyncio.sleep(60)

asyncio.run(main())
"""


@asynccontextmanager
async def database_down(server: PostgresServer, url: str) -> AsyncIterator[None]:
    """Close every connection, and let nobody in until the block ends."""
    name = urlsplit(url).path[1:]
    admin = await asyncpg.connect(server.admin_url)
    try:
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
        )
        yield
    finally:
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        await admin.close()


async def test_an_outage_of_the_database_is_waited_for_and_parks_nothing(
    bare: Database,
    bare_url: str,
    bus: ServiceSettings,
    postgres_server: PostgresServer,
    send: Send,
) -> None:
    async with reading(bus, Inbox("reader", bare, EFFECTS).receive):
        await send(happened("one", 1))
        await eventually(lambda: effects(bare))
        async with database_down(postgres_server, bare_url):
            await send(happened("one", 2), happened("other", 1))
            await asyncio.sleep(1.5)  # how long the outage lasts: several attempts

        async def all_had() -> bool:
            return len(await effects(bare)) == 3

        await eventually(all_had, seconds=30)
    assert await rows(bare, "SELECT event_id FROM parked") == []


async def test_it_stops_in_time_while_it_waits_for_the_database(
    bare: Database,
    bare_url: str,
    bus: ServiceSettings,
    postgres_server: PostgresServer,
    send: Send,
) -> None:
    async with database_down(postgres_server, bare_url):
        async with reading(bus, Inbox("reader", bare, EFFECTS).receive):
            await send(happened("one", 1))
            await asyncio.sleep(1)
            before = time.monotonic()
        assert time.monotonic() - before < STOP_SECONDS
