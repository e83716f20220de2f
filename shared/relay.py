"""Drains the outbox to Kafka: one active relay per database, in order for each subject.

Decision 1 has the reasoning. There is no cursor, so a late commit can't be skipped; a pending row
goes only after the broker's acknowledgement, so that what is committed is sent at least once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.structs import RecordMetadata
from prometheus_client import Counter, Gauge

from shared.contracts import topic_of
from shared.events import Event, Pending
from shared.handed import Handed
from shared.hints import Hint
from shared.kafka import Kafka
from shared.pending import RelayStore

POLL_SECONDS = 1.0
"""How long a lost hint can delay an event."""

MAX_BACKOFF_SECONDS = 10.0
BATCH = 500
EXPECTED = (OSError, KafkaError, asyncpg.PostgresError, asyncpg.InterfaceError)

log = structlog.get_logger(__name__)
published = Counter("roadworthy_events_published_total", "Acknowledged by the broker", ["source"])
leading = Gauge("roadworthy_relay_leading", "1 where this process is the active relay", ["source"])


class Relay:
    """Publishes one service's outbox while it leads, and stands by while another does."""

    def __init__(self, source: str, dsn: str, kafka: Kafka) -> None:
        self.source = source
        self._dsn = dsn
        self._kafka = kafka
        self._woken = asyncio.Event()
        self._handed = Handed()
        self._leads = False
        self._look = True
        """Whether something may be owed that nobody has handed over."""
        self._task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self.working = False

    def wake(self, committed: Sequence[Pending] = ()) -> None:
        """Hint that something was committed; a lost hint costs a second.

        What `committed` has is all that a transaction published, in its order.
        """
        if not (self._leads and committed and self._handed.add(committed)):
            self._look = True
        self._woken.set()

    async def start(self) -> None:
        """Begin to stand for the lead, in the background."""
        self._stopping.clear()
        self._task = asyncio.create_task(self._run(), name=f"relay {self.source}")

    async def stop(self) -> None:
        """Finish the batch in hand and step down; what is left waits for the next leader."""
        self._stopping.set()
        self._woken.set()
        if self._task is not None:
            done, _ = await asyncio.wait({self._task}, timeout=5)
            if not done:
                self._task.cancel()
                with suppress(asyncio.CancelledError):
                    await self._task
            self._task = None

    async def ready(self) -> bool:
        """Tell whether this relay leads or stands by, with its database and broker in reach."""
        return self.working

    async def _run(self) -> None:
        backoff = 0.1
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                await self._serve()
            except Exception as error:
                # Whatever it is: a relay that ended would leave its service silent for good.
                log.warning(
                    "relay.interrupted",
                    source=self.source,
                    error=repr(error),
                    exc_info=None if isinstance(error, EXPECTED) else error,
                )
                if time.monotonic() - began > MAX_BACKOFF_SECONDS:
                    backoff = 0.1
                # Hints don't cut this short: while the broker is away, every commit gives one.
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), backoff)
                backoff = min(backoff * 2, MAX_BACKOFF_SECONDS)

    async def _serve(self) -> None:
        store = await RelayStore.connect(self._dsn)
        try:
            while not self._stopping.is_set():
                if await store.take_lead(self.wake):
                    leading.labels(self.source).set(1)
                    await self._lead(store)
                    return
                self.working = True
                if await self._hint_or_poll():
                    await store.pass_hint_on()
        finally:
            self.working = self._leads = False
            self._handed.start_over()
            leading.labels(self.source).set(0)
            await store.close()

    async def _lead(self, store: RelayStore) -> None:
        await self._refill_what_was_forgotten(store)
        async with self._kafka.producer() as producer:
            self.working = self._leads = self._look = True
            log.info("relay.leading", source=self.source, epoch=store.epoch)
            batch: list[Pending] = []
            while not self._stopping.is_set():
                batch = batch or await self._next_batch(store)
                if batch:
                    batch = await self._publish(store, producer, batch)
                elif not self._look:
                    self._look = not await self._hint_or_poll() or self._look

    async def _next_batch(self, store: RelayStore) -> list[Pending]:
        if self._look:
            return await self._read(store)
        batch, everything = self._handed.take()
        self._look = not everything
        return batch

    async def _read(self, store: RelayStore, besides: Sequence[Pending] = ()) -> list[Pending]:
        # What was handed over by now is committed: it is read, or lies behind what is.
        self._look = False
        self._handed.clear()
        batch = await store.next_batch(BATCH, besides=besides)
        self._handed.drop(pending.position for pending in batch)
        if len(batch) == BATCH:
            self._look = True
        return batch

    async def _refill_what_was_forgotten(self, store: RelayStore) -> None:
        marks = await store.marks()
        if not marks:
            return
        ends = await self._kafka.end_offsets(marks)
        lost = {
            topic
            for (topic, partition), mark in marks.items()
            if self._kafka.forgot(mark=mark, end=ends[topic, partition])
        }
        await self._refill(store, lost)

    async def _refill(self, store: RelayStore, topics: Iterable[str]) -> None:
        self._handed.start_over()
        self._look = True
        for topic in topics:
            count = await store.refill(topic, self._kafka.types_on(topic))
            log.warning("relay.republishing", source=self.source, topic=topic, events=count)

    async def _publish(
        self, store: RelayStore, producer: AIOKafkaProducer, batch: list[Pending]
    ) -> list[Pending]:
        """Send a batch while the next one is read (a fifth faster), if there is; return that."""
        try:
            async with asyncio.TaskGroup() as both:
                sending = both.create_task(self._send(producer, batch))
                ahead = both.create_task(self._read(store, besides=batch)) if self._look else None
        except BaseExceptionGroup as failed:
            raise failed.exceptions[0] from None
        acknowledged, failure = sending.result()
        last = {(meta.topic, meta.partition): meta.offset for _, meta in acknowledged}
        self._kafka.hint([Hint(*place, offset) for place, offset in last.items()])
        forgotten = {
            meta.topic
            for _, meta in acknowledged
            if meta.offset < store.mark(meta.topic, meta.partition)
        }
        if forgotten:
            # An offset below one that was acknowledged before: the broker lost its log meanwhile.
            # Nothing is settled, so that all goes out again in the order of the log.
            await self._refill(store, forgotten)
        else:
            await store.settle(acknowledged)
            for pending, _ in acknowledged:
                self._handed.sent(pending.event)
        published.labels(self.source).inc(len(acknowledged))
        if failure:
            raise failure
        return [] if forgotten or ahead is None else ahead.result()

    async def _send(
        self, producer: AIOKafkaProducer, batch: list[Pending]
    ) -> tuple[list[tuple[Pending, RecordMetadata]], KafkaError | None]:
        """Send in waves, each with one event of a subject at the most.

        The next one waits for its acknowledgement: a failure must not let a later event pass.
        """
        acknowledged: list[tuple[Pending, RecordMetadata]] = []
        failure: KafkaError | None = None
        stuck: set[str] = set()
        for wave in _waves(batch):
            going = [pending for pending in wave if pending.event.subject not in stuck]
            futures = [await self._begin(producer, pending.event) for pending in going]
            results = await asyncio.gather(*futures, return_exceptions=True)
            for pending, result in zip(going, results, strict=True):
                if isinstance(result, KafkaError):
                    failure = result
                    stuck.add(pending.event.subject)
                elif isinstance(result, BaseException):
                    raise result
                else:
                    acknowledged.append((pending, result))
        return acknowledged, failure

    async def _begin(
        self, producer: AIOKafkaProducer, event: Event
    ) -> asyncio.Future[RecordMetadata]:
        sending: asyncio.Future[RecordMetadata]
        try:
            sending = await producer.send(
                self._kafka.topic(topic_of(event.type)),
                value=event.data.encode(),
                key=event.subject.encode(),
                headers=event.headers(),
            )
        except KafkaError as refused:
            # As if it had failed later: the others of the wave are on their way.
            sending = asyncio.get_running_loop().create_future()
            sending.set_exception(refused)
        return sending

    async def _hint_or_poll(self) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await self._woken.wait()
        hinted = self._woken.is_set()
        self._woken.clear()
        return hinted


def _waves(batch: list[Pending]) -> list[list[Pending]]:
    waves: list[list[Pending]] = []
    seen: dict[str, int] = {}
    for pending in batch:
        number = seen.get(pending.event.subject, 0)
        seen[pending.event.subject] = number + 1
        if number == len(waves):
            waves.append([])
        waves[number].append(pending)
    return waves
