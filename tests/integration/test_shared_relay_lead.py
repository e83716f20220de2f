"""Who publishes, when several processes of one service could: one leads, the others stand by."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg
import pytest
from aiokafka.structs import RecordMetadata

from infra.plumbing import TOPIC, driverless, rows, told
from infra.running import read_topic
from infra.waiting import eventually
from shared.database import Database
from shared.kafka import Kafka
from shared.pending import CHANNEL, LeadLost, RelayStore
from shared.relay import Relay
from shared.settings import ServiceSettings

LEADER = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"


@asynccontextmanager
async def two_relays(url: str, bus: ServiceSettings) -> AsyncIterator[tuple[Relay, Relay]]:
    """Yield the one that leads and the one that stands by, as in two processes."""
    kafka = Kafka(bus)
    await kafka.create_topics([TOPIC])
    async with AsyncExitStack() as stack:
        relays: list[Relay] = []
        for name in ("first", "second"):
            relays.append(Relay(name, driverless(url), kafka))
            await relays[-1].start()
            stack.push_async_callback(relays[-1].stop)
            await eventually(relays[-1].ready)
        yield relays[0], relays[1]


async def publish(database: Database, subject: str, sequence: int) -> None:
    async with database.transaction() as work:
        work.publish(told(subject, sequence))


async def nothing_owed(database: Database) -> bool:
    return not await rows(database, "SELECT position FROM outbox")


async def test_the_second_takes_over_when_the_firsts_connection_dies(
    bare: Database, bare_url: str, bus: ServiceSettings
) -> None:
    async with two_relays(bare_url, bus):
        await publish(bare, "one", 1)
        await eventually(lambda: nothing_owed(bare))
        [leader] = await rows(bare, LEADER)
        [before] = await rows(bare, "SELECT epoch FROM relay_state")

        await rows(bare, f"SELECT pg_terminate_backend({leader})")
        await publish(bare, "one", 2)
        await eventually(lambda: nothing_owed(bare))
        [successor] = await rows(bare, LEADER)
        [after] = await rows(bare, "SELECT epoch FROM relay_state")
        assert successor != leader
        assert after > before
        seen = await read_topic(bus, TOPIC, 2)
    assert [event.sequence for event in seen] == [1, 2]


async def test_the_one_that_stands_by_passes_a_hint_on_once(
    bare: Database, bare_url: str, bus: ServiceSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.relay.POLL_SECONDS", 60.0)
    hints: list[str] = []
    listener = await asyncpg.connect(driverless(bare_url))
    await listener.add_listener(CHANNEL, lambda *_: hints.append(CHANNEL))
    async with two_relays(bare_url, bus) as (_, standing_by):
        await asyncio.sleep(0.1)  # now both wait, and would for a minute
        bare.on_publish(standing_by.wake)
        await publish(bare, "one", 1)
        await eventually(lambda: nothing_owed(bare), seconds=5)
        await asyncio.sleep(0.3)
        assert len(hints) == 1
    await listener.close()


async def test_one_that_lost_its_lead_unaware_settles_nothing(
    bare: Database, bare_url: str
) -> None:
    await publish(bare, "one", 1)
    former = await RelayStore.connect(driverless(bare_url))
    try:
        assert await former.take_lead(lambda: None)
        [pending] = await former.next_batch(10)
        async with bare.transaction() as work:
            await work.connection.exec_driver_sql("UPDATE relay_state SET epoch = epoch + 1")
        with pytest.raises(LeadLost):
            await former.settle([(pending, acknowledged_at(0))])
        with pytest.raises(LeadLost):
            await former.refill(TOPIC, ["partner.updated"])
    finally:
        await former.close()
    assert await rows(bare, "SELECT position FROM outbox") == [pending.position]
    assert await rows(bare, "SELECT next_offset FROM relay_marks") == []


async def test_there_is_one_lead_and_closing_gives_it_up(bare_url: str) -> None:
    first = await RelayStore.connect(driverless(bare_url))
    second = await RelayStore.connect(driverless(bare_url))
    try:
        assert await first.take_lead(lambda: None)
        assert not await second.take_lead(lambda: None)
        await first.close()

        async def taken() -> bool:
            return await second.take_lead(lambda: None)

        await eventually(taken)
        assert second.epoch > first.epoch
    finally:
        await second.close()


def acknowledged_at(offset: int) -> RecordMetadata:
    return RecordMetadata(TOPIC, 0, None, offset, None, None, None)  # type: ignore[call-arg]
