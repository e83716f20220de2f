"""What a commit hands to the relay: sent without being read, in nobody's way."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from itertools import count

import pytest
import pytest_asyncio
from sqlalchemy import text

from infra.plumbing import TOPIC, driverless, rows, told
from infra.running import read_records, read_topic
from infra.waiting import eventually
from shared.clock import SystemClock
from shared.database import Database, create_engine
from shared.kafka import Kafka
from shared.relay import Relay
from shared.settings import ServiceSettings


@pytest_asyncio.fixture
async def relay(
    bare: Database, bare_url: str, bus: ServiceSettings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Relay]:
    """Run a relay that is handed what `bare` commits, and looks by itself once a minute."""
    monkeypatch.setattr("shared.relay.POLL_SECONDS", 60.0)
    kafka = Kafka(bus)
    await kafka.create_topics([TOPIC])
    relay = Relay("test", driverless(bare_url), kafka)
    bare.on_publish(relay.wake)
    await relay.start()
    await eventually(relay.ready)
    await asyncio.sleep(0.1)  # by now it has looked
    yield relay
    await relay.stop()


@pytest_asyncio.fixture
async def elsewhere(bare_url: str) -> AsyncIterator[Database]:
    """Write as another process does, whose hints are lost."""
    engine = create_engine(bare_url, application="test")
    yield Database(engine, SystemClock(), source="/test")
    await engine.dispose()


async def publish(database: Database, subject: str, *sequences: int) -> None:
    async with database.transaction() as work:
        work.publish(*(told(subject, sequence) for sequence in sequences))


async def nothing_owed(database: Database) -> bool:
    return not await rows(database, "SELECT position FROM outbox")


async def test_it_is_the_same_to_the_byte_as_what_is_read(
    relay: Relay, bare: Database, bus: ServiceSettings
) -> None:
    await publish(bare, "one", 1)
    await eventually(lambda: nothing_owed(bare))
    async with bare.transaction() as work:
        again = "INSERT INTO outbox SELECT position, recorded_at FROM events"
        await work.connection.execute(text(again))
    relay.wake()
    handed, read = await read_records(bus, TOPIC, 2)
    assert (handed.key, handed.value, handed.headers) == (read.key, read.value, read.headers)


async def test_each_is_sent_once(relay: Relay, bare: Database, bus: ServiceSettings) -> None:
    subjects = [f"subject {number}" for number in range(40)]
    await asyncio.gather(*(publish(bare, subject, 1, 2) for subject in subjects))
    await eventually(lambda: nothing_owed(bare))
    await publish(bare, "last", 1)
    seen = await read_topic(bus, TOPIC, 81)
    assert len({event.id for event in seen}) == 81


async def test_it_never_passes_what_another_process_owes(
    relay: Relay, bare: Database, elsewhere: Database, bus: ServiceSettings
) -> None:
    await publish(elsewhere, "one", 1)
    await publish(bare, "one", 2)
    await publish(bare, "two", 1)
    await publish(elsewhere, "two", 2)
    await publish(bare, "two", 3)
    seen = await read_topic(bus, TOPIC, 5)
    for subject, last in (("one", 2), ("two", 3)):
        sequences = [event.sequence for event in seen if event.subject == subject]
        assert sequences == list(range(1, last + 1))


async def test_random_writers_in_two_processes_keep_each_subjects_order(
    relay: Relay, bare: Database, elsewhere: Database, bus: ServiceSettings
) -> None:
    chance = random.Random(1)
    counts = {subject: count(1) for subject in "abcde"}
    for _ in range(60):
        subject = chance.choice("abcde")
        some = [next(counts[subject]) for _ in range(chance.randint(1, 3))]
        await publish(chance.choice((bare, elsewhere)), subject, *some)
    relay.wake()
    await eventually(lambda: nothing_owed(bare))
    lengths = {subject: next(each) - 1 for subject, each in counts.items()}
    seen = await read_topic(bus, TOPIC, sum(lengths.values()))
    for subject, length in lengths.items():
        sequences = [event.sequence for event in seen if event.subject == subject]
        assert sequences == list(range(1, length + 1))
