"""A Kafka consumer that acknowledges while it reads on, and rests when nothing comes.

It asks less often the longer nothing comes, and at once when told to. The embedded broker answers a
waiting fetch by looking every few milliseconds, so a consumer that always waits costs processor
time around the clock. Apache Kafka holds a fetch until something is there: its consumers never
rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

LISTEN_MS = 20
"""How long it waits for what it asked for, before it may rest; longer than one fetch."""

RETURN_SECONDS = 1.0
SHARE = 1 / 8
"""It rests for such a part of the time since something came last ..."""

SHORTEST_REST, LONGEST_REST = 0.02, 0.25
"""... between these. The longest is what an event from another process may wait for."""

log = structlog.get_logger(__name__)

Found = dict[TopicPartition, list[ConsumerRecord[bytes, bytes]]]

_readers: dict[str, set[Reader]] = {}
"""By topic: those of this process that rest."""


def stir(topic: str) -> None:
    """Tell this process's readers of a topic that something is on it."""
    for reader in tuple(_readers.get(topic, ())):
        reader.stir()


class Reader(AIOKafkaConsumer):  # type: ignore[misc]  # it has no types
    """Reads as its parent does; `rests` where asking costs the broker."""

    def __init__(self, *topics: str, rests: bool, **options: Any) -> None:
        super().__init__(*topics, **options)
        self._rests = rests
        self._stirred = asyncio.Event()
        self._heard = 0.0
        self._entered: frozenset[str] = frozenset()
        self._owed: dict[TopicPartition, int] = {}
        self._acknowledging: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect and join; raises KafkaError."""
        await super().start()
        self.stir()
        if self._rests:
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
        self._stirred.set()
        if self._acknowledging is not None:
            await self._acknowledging
        await super().stop()

    def acknowledge(self, records: Iterable[ConsumerRecord[bytes, bytes]]) -> None:
        """Commit the offsets after these, in the background: one commit at a time for all owed."""
        for record in records:
            self._owed[TopicPartition(record.topic, record.partition)] = record.offset + 1
        if self._acknowledging is None or self._acknowledging.done():
            self._acknowledging = asyncio.create_task(self._acknowledge(), name="acknowledging")

    def stir(self) -> None:
        """End a rest, and stay awake for a while."""
        self._heard = asyncio.get_running_loop().time()
        self._stirred.set()

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int = 0, max_records: int | None = None
    ) -> Found:
        """Wait for records, a second at the most, whatever wait is asked for."""
        loop = asyncio.get_running_loop()
        until = loop.time() + RETURN_SECONDS
        found: Found = {}
        while not found and loop.time() < until:
            found = await super().getmany(
                *partitions, timeout_ms=LISTEN_MS, max_records=max_records
            )
            if found:
                self._heard = loop.time()
            elif self._rests:
                await self._rest(loop.time() - self._heard)
        return found

    async def _acknowledge(self) -> None:
        while self._owed:
            owed, self._owed = self._owed, {}
            try:
                await self.commit(owed)
            except KafkaError as error:
                # Another member's by now, or tried again with the next: who reads drops repeats.
                log.warning("consumer.unacknowledged", error=repr(error))

    async def _rest(self, silence: float) -> None:
        pause = min(silence * SHARE, LONGEST_REST)
        if pause < SHORTEST_REST:
            return
        self.pause(*self.assignment())
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stirred.wait(), pause)
        finally:
            self._stirred.clear()
            self.resume(*self.paused())
