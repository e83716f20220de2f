"""A consumer of the embedded broker that rests, and what wakes it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer

from infra.plumbing import TOPIC, driverless, told
from infra.servers import INFRA
from infra.waiting import eventually
from shared import reading
from shared.database import Database
from shared.hints import Hint
from shared.kafka import Kafka, Records
from shared.reading import Reader
from shared.relay import Relay
from shared.settings import ServiceSettings

_TELL = """
import sys
from shared.hints import Hint, tell
broker, topic, partition, offset = sys.argv[1:]
tell(broker, [Hint(topic, int(partition), int(offset))])
"""


async def _elsewhere(script: str, *words: str) -> bytes:
    """Run a script in a process of its own; return what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, *words, stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0
    return printed


@pytest.fixture
def sleepy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every rest last until somebody ends it."""
    monkeypatch.setattr(reading, "SHARE", 1000)
    monkeypatch.setattr(reading, "LONGEST_REST", 60.0)


class Group:
    """Readers of one group, each read from by a task, and all that they got."""

    def __init__(self, bus: ServiceSettings) -> None:
        self._bus = bus
        self.topic = Kafka(bus).topic(TOPIC)
        self.got: list[bytes] = []
        self.readers: list[Reader] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def join(self) -> Reader:
        """Add a reader, and return it once it has its share of the topic."""
        reader = Reader(
            self.topic,
            rests_at=self._bus.kafka_bootstrap_servers,
            group_id=self.topic,
            bootstrap_servers=self._bus.kafka_bootstrap_servers,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            fetch_max_wait_ms=15,
            heartbeat_interval_ms=500,
            # Apache Kafka takes nothing shorter than 6 s.
            session_timeout_ms=3000 if self._bus.kafka_embedded else 6000,
        )
        await reader.start()
        self.readers.append(reader)
        self._tasks.append(asyncio.create_task(self._read(reader)))
        await eventually(reader.assignment, 20)
        return reader

    async def leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*(reader.stop() for reader in self.readers))
        self.readers.clear()

    async def _read(self, reader: Reader) -> None:
        while True:
            for records in (await reader.getmany()).values():
                self.got += [record.value for record in records]
                reader.acknowledge(records)


@pytest_asyncio.fixture
async def group(bus: ServiceSettings) -> AsyncIterator[Group]:
    await Kafka(bus).create_topics([TOPIC])
    made = Group(bus)
    yield made
    await made.leave()


async def test_who_leaves_has_acknowledged_all_that_was_read(
    group: Group, raw_producer: AIOKafkaProducer
) -> None:
    await group.join()
    for number in range(20):
        await raw_producer.send_and_wait(group.topic, b"%d" % number)
    await eventually(lambda: len(group.got) == 20)
    await group.leave()
    await group.join()
    await raw_producer.send_and_wait(group.topic, b"new")
    await eventually(lambda: b"new" in group.got)
    assert sorted(group.got) == sorted([*(b"%d" % number for number in range(20)), b"new"])


async def test_what_nobody_tells_of_is_found_nevertheless(
    group: Group, raw_producer: AIOKafkaProducer
) -> None:
    reader = await group.join()
    for number in range(3):
        await eventually(reader.paused)
        await raw_producer.send_and_wait(group.topic, b"%d" % number, partition=number)
        await eventually(lambda number=number: len(group.got) == number + 1)


async def test_a_reader_that_rests_is_woken_by_its_own_topic_alone(
    sleepy: None, group: Group, raw_producer: AIOKafkaProducer
) -> None:
    reader = await group.join()
    await eventually(reader.paused)
    put = await raw_producer.send_and_wait(group.topic, b"told", partition=0)
    reading.stir(Hint("another.topic", 0, put.offset))
    await asyncio.sleep(0)  # by now it would have heard
    assert (reader.paused(), b"told" in group.got) == (reader.assignment(), False)
    reading.stir(Hint(group.topic, 0, put.offset))
    await eventually(lambda: group.got == [b"told"])
    await eventually(reader.paused)
    reading.stir(Hint(group.topic, 0, put.offset))  # late: it has read that
    assert reader.paused() == reader.assignment()


async def test_a_reader_that_rests_is_woken_from_another_process(
    sleepy: None, group: Group, bus: ServiceSettings, raw_producer: AIOKafkaProducer
) -> None:
    reader = await group.join()
    await eventually(reader.paused)
    for number in range(3):
        put = await raw_producer.send_and_wait(group.topic, b"%d" % number, partition=number)
        await _elsewhere(_TELL, bus.kafka_bootstrap_servers, *map(str, put[:2]), str(put.offset))
        await eventually(lambda number=number: len(group.got) == number + 1)


async def test_readers_that_come_and_go_while_others_rest_read_each_record(
    group: Group, raw_producer: AIOKafkaProducer
) -> None:
    first = await group.join()
    await eventually(first.paused)
    await group.join()
    await eventually(lambda: sum(len(each.assignment()) for each in group.readers) == 3, 20)
    for number in range(30):
        await raw_producer.send_and_wait(group.topic, b"%d" % number, partition=number % 3)
    await eventually(lambda: len(set(group.got)) == 30)
    await group.readers[1].stop()
    await eventually(lambda: len(first.assignment()) == 3, 20)
    await raw_producer.send_and_wait(group.topic, b"last", partition=2)
    await raw_producer.send_and_wait(group.topic, b"last", partition=0)
    await eventually(lambda: group.got.count(b"last") == 2)


@pytest.mark.skipif(INFRA != "embedded", reason="only the embedded broker's readers rest")
async def test_the_relay_wakes_who_reads_in_the_same_process(
    sleepy: None, bare: Database, bare_url: str, bus: ServiceSettings
) -> None:
    kafka, keys = Kafka(bus), []

    async def receive(records: Records) -> None:
        keys.extend(record.key for record in records)

    await kafka.create_topics([TOPIC])
    relay, reads = (
        Relay("test", driverless(bare_url), kafka),
        kafka.subscription("g", [TOPIC], receive),
    )
    bare.on_publish(relay.wake)
    await asyncio.gather(relay.start(), reads.start())
    try:
        for name in (b"one", b"two", b"three"):
            async with bare.transaction() as work:
                work.publish(told(name.decode(), 1))
            await eventually(lambda name=name: keys[-1:] == [name])
    finally:
        await asyncio.gather(relay.stop(), reads.stop())
