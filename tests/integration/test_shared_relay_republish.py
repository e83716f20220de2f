"""A broker that lost its log gets it from ours again, whether or not the relay was restarted."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest_asyncio
from aiokafka.admin import AIOKafkaAdminClient

from infra.plumbing import TOPIC, driverless, rows, told
from infra.running import read_topic
from infra.servers import INFRA
from infra.waiting import eventually
from roadworthy.embedded.broker import Broker
from shared.database import Database
from shared.kafka import Kafka
from shared.relay import Relay
from shared.settings import ServiceSettings


@dataclass(frozen=True)
class Forgetful:
    """A broker that can be made to lose its log."""

    bus: ServiceSettings
    forget: Callable[[], Awaitable[None]]


@pytest_asyncio.fixture
async def forgetful(
    bus: ServiceSettings, tmp_path: Path, kafka_bootstrap: str
) -> AsyncIterator[Forgetful]:
    if INFRA != "embedded":
        yield Forgetful(bus, lambda: delete_topic(bus))
        return
    async with Broker(tmp_path / "broker") as broker:

        async def die_and_come_back() -> None:
            os.kill(broker.pid or 0, signal.SIGKILL)
            await eventually(lambda: broker.pid is None)
            await broker.start()

        own = bus.model_copy(update={"kafka_bootstrap_servers": broker.bootstrap})
        yield Forgetful(own, die_and_come_back)


async def delete_topic(bus: ServiceSettings) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bus.kafka_bootstrap_servers)
    await admin.start()
    try:
        await admin.delete_topics([Kafka(bus).topic(TOPIC)])

        async def gone() -> bool:
            return Kafka(bus).topic(TOPIC) not in await admin.list_topics()

        await eventually(gone)
    finally:
        await admin.close()


@asynccontextmanager
async def relaying(url: str, bus: ServiceSettings) -> AsyncIterator[Relay]:
    relay = Relay("test", driverless(url), Kafka(bus))
    await relay.start()
    try:
        yield relay
    finally:
        await relay.stop()


async def publish(database: Database, subject: str, *sequences: int) -> None:
    async with database.transaction() as work:
        work.publish(*(told(subject, sequence) for sequence in sequences))


async def publish_some(database: Database) -> None:
    for number in range(1, 4):
        await publish(database, "one", number)
        await publish(database, "other", 2 * number - 1, 2 * number)


async def settled(database: Database) -> bool:
    return not await rows(database, "SELECT position FROM outbox")


async def in_the_log(database: Database) -> list[tuple[str, int, str]]:
    return await rows(
        database, "SELECT subject, sequence, id::text FROM events ORDER BY subject, position"
    )


async def on_the_topic(bus: ServiceSettings, count: int) -> list[tuple[str, int, str]]:
    """Read the first so many; a stable sort keeps each subject's order as it is there."""
    events = await read_topic(bus, TOPIC, count)
    named = [(event.subject, event.sequence, event.id) for event in events[:count]]
    return sorted(named, key=lambda event: event[0])


async def test_a_relay_that_starts_anew_publishes_the_log_again(
    bare: Database, bare_url: str, forgetful: Forgetful
) -> None:
    bus = forgetful.bus
    await Kafka(bus).create_topics([TOPIC])
    await publish_some(bare)
    async with relaying(bare_url, bus):
        before = await on_the_topic(bus, 9)
        await eventually(lambda: settled(bare))
    assert before == await in_the_log(bare)

    await forgetful.forget()
    await Kafka(bus).create_topics([TOPIC])
    async with relaying(bare_url, bus):
        assert await on_the_topic(bus, 9) == before
        await eventually(lambda: settled(bare))


async def test_a_relay_that_lives_on_finds_out_with_its_next_event(
    bare: Database, bare_url: str, forgetful: Forgetful
) -> None:
    bus = forgetful.bus
    await Kafka(bus).create_topics([TOPIC])
    await publish_some(bare)
    async with relaying(bare_url, bus) as relay:
        await eventually(lambda: settled(bare))
        await forgetful.forget()
        await Kafka(bus).create_topics([TOPIC])
        await eventually(relay.ready)
        await publish(bare, "one", 4)
        await eventually(lambda: settled(bare), seconds=30)
        seen = await on_the_topic(bus, 11)
    one = [sequence for subject, sequence, _ in seen if subject == "one"]
    other = [sequence for subject, sequence, _ in seen if subject == "other"]
    assert one == [4, 1, 2, 3, 4]  # the one that found it out, then the log in its order
    assert other == [1, 2, 3, 4, 5, 6]
    assert set(seen) == set(await in_the_log(bare))


async def test_nothing_is_published_again_while_the_broker_remembers(
    bare: Database, bare_url: str, bus: ServiceSettings
) -> None:
    await Kafka(bus).create_topics([TOPIC])
    await publish_some(bare)
    for _ in range(2):
        async with relaying(bare_url, bus):
            await eventually(lambda: settled(bare))
    async with relaying(bare_url, bus):
        await publish(bare, "one", 4)
        await eventually(lambda: settled(bare))
    assert [key[:2] for key in await on_the_topic(bus, 10)] == [
        *(("one", number) for number in range(1, 5)),
        *(("other", number) for number in range(1, 7)),
    ]
