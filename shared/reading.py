"""A Kafka consumer that acknowledges while it reads on, and asks only when there is something.

The embedded broker answers a waiting fetch by looking again half-way and at its end, so that one
which waits long is late, and one which waits briefly costs processor time around the clock. A
consumer of it rests instead, until a relay tells of what it has published, and looks by itself
the less often the longer nothing comes. Apache Kafka holds a fetch until something is there: its
consumers never rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from shared.hints import Ear, Hint

LOOK_MS, TOLD_MS = 5, 500
"""How long it asks for what may be there, a fetch or two, and for what it was told of."""

RETURN_SECONDS = 1.0
ACKNOWLEDGE_SECONDS = 5.0
"""How long its end waits for what it acknowledges to be taken."""

GATHER_SECONDS = 0.05
"""How long an acknowledgement waits for others: it costs the broker as much as a batch."""

SHARE = 1 / 8
"""Between looks it rests for such a part of the time since one found something ..."""

SHORTEST_REST, LONGEST_REST = 0.015, 0.25
"""... between these. The longest is what an event that nobody told of may wait for."""

log = structlog.get_logger(__name__)

Found = dict[TopicPartition, list[ConsumerRecord[bytes, bytes]]]

_readers: dict[str, set[Reader]] = {}
"""By topic: those of this process that rest."""


def stir(hint: Hint) -> None:
    """Tell this process's readers of a topic that something is on it."""
    for reader in tuple(_readers.get(hint.topic, ())):
        reader.stir(hint)


class Reader(AIOKafkaConsumer):  # type: ignore[misc]  # it has no types
    """Reads as its parent does; `rests_at` is the address of a broker that asking costs."""

    def __init__(self, *topics: str, rests_at: str | None, **options: Any) -> None:
        super().__init__(*topics, **options)
        self._ear = Ear(rests_at, self.stir) if rests_at else None
        self._told: dict[TopicPartition, int] = {}
        self._read: dict[TopicPartition, int] = {}
        """By partition: the last offset that it was told of and hasn't read, and that it read."""
        self._more = False
        self._stirred = asyncio.Event()
        self._look_at = self._found_at = 0.0
        self._entered: frozenset[str] = frozenset()
        self._owed: dict[TopicPartition, int] = {}
        self._acknowledging: asyncio.Task[None] | None = None
        self._leaving = asyncio.Event()

    async def start(self) -> None:
        """Connect and join; raises KafkaError."""
        await super().start()
        self._found_at = asyncio.get_running_loop().time()
        if self._ear is not None:
            self._ear.open()
            self._entered = frozenset(self.subscription())
            for topic in self._entered:
                _readers.setdefault(topic, set()).add(self)

    async def stop(self) -> None:
        """Leave the group."""
        for topic in self._entered:
            _readers[topic].discard(self)
            if not _readers[topic]:
                del _readers[topic]
        self._entered = frozenset()
        if self._ear is not None:
            self._ear.close()
        self._stirred.set()
        self._leaving.set()
        if self._acknowledging is not None:
            # A broker that is gone takes none; what is read again for lack of it is passed by.
            await asyncio.wait({self._acknowledging}, timeout=ACKNOWLEDGE_SECONDS)
            self._acknowledging.cancel()
        await super().stop()

    def acknowledge(self, records: Iterable[ConsumerRecord[bytes, bytes]]) -> None:
        """Commit the offsets after these, in the background: one commit at a time for all owed."""
        for record in records:
            self._owed[TopicPartition(record.topic, record.partition)] = record.offset + 1
        if self._acknowledging is None or self._acknowledging.done():
            self._acknowledging = asyncio.create_task(self._acknowledge(), name="acknowledging")

    def stir(self, hint: Hint) -> None:
        """End a rest, unless what is told of was read; begin to fetch it at once, and it alone."""
        place = TopicPartition(hint.topic, hint.partition)
        if place not in self.assignment() or hint.offset <= self._read.get(place, -1):
            return
        self._told[place] = max(hint.offset, self._told.get(place, -1))
        self.resume(place)
        self._stirred.set()

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int = 0, max_records: int | None = None
    ) -> Found:
        """Wait for records, a second at the most, whatever wait is asked for."""
        if self._ear is None:
            return await self._ask(*partitions, wait_ms=RETURN_SECONDS * 1000, most=max_records)
        loop = asyncio.get_running_loop()
        until = loop.time() + RETURN_SECONDS
        found: Found = {}
        while not found and loop.time() < until:
            await self._rest()
            looks = not (self._told or self._more)
            if looks:
                self.resume(*self.paused())
            told = dict(self._told)
            wait_ms = TOLD_MS if told else LOOK_MS
            found = await self._ask(*partitions, wait_ms=wait_ms, most=max_records)
            self._note(found, told, max_records)
            if looks:
                self._plan_a_look(found)
            if not (self._told or self._more):
                self.pause(*self.assignment() - self.paused())
        return found

    async def _ask(self, *partitions: TopicPartition, wait_ms: float, most: int | None) -> Found:
        found: Found = await super().getmany(*partitions, timeout_ms=wait_ms, max_records=most)
        return found

    def _note(self, found: Found, told: dict[TopicPartition, int], most: int | None) -> None:
        """Strike out what has come; what it asked for in vain is looked for as if never told of."""
        self._more = bool(found) and sum(map(len, found.values())) == most
        self._read |= {place: records[-1].offset for place, records in found.items()}
        over = self._read if found else told
        for place, offset in tuple(self._told.items()):
            if offset <= over.get(place, -1):
                del self._told[place]

    def _plan_a_look(self, found: Found) -> None:
        now = asyncio.get_running_loop().time()
        if found:
            self._found_at = now
        pause = min((now - self._found_at) * SHARE, LONGEST_REST)
        self._look_at = now + max(pause, SHORTEST_REST)

    async def _rest(self) -> None:
        """Wait until it is told of something, or it is time to look."""
        self._stirred.clear()
        if self._told or self._more:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout_at(self._look_at):
                await self._stirred.wait()

    async def _acknowledge(self) -> None:
        while self._owed:
            with suppress(TimeoutError):
                async with asyncio.timeout(GATHER_SECONDS):
                    await self._leaving.wait()
            owed, self._owed = self._owed, {}
            try:
                await self.commit(owed)
            except KafkaError as error:
                # Another member's by now, or tried again with the next: who reads drops repeats.
                log.warning("consumer.unacknowledged", error=repr(error))
