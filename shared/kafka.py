"""How this platform talks to Kafka: the only place for topics, producer and subscriber policy."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any, cast

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, for_code
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.kafka.security import parse_security
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512
from faststream.specification import AsyncAPI

from shared.contracts import TOPICS
from shared.hints import Hint, tell
from shared.parking import readable
from shared.reading import Reader, stir
from shared.settings import ServiceSettings

REQUEST_MS = 10_000
MAX_RECORDS = 200
MAX_MESSAGE_BYTES = 1_048_576
TOPIC_ALREADY_EXISTS = 36
MAX_BACKOFF_SECONDS = 15.0

Records = Sequence[ConsumerRecord[bytes, bytes]]
Receive = Callable[[Records], Awaitable[None]]

log = structlog.get_logger(__name__)


class Kafka:
    """One installation's topics on one cluster."""

    def __init__(self, settings: ServiceSettings) -> None:
        self._settings = settings
        self._prefix = settings.kafka_topic_prefix
        self._security = _security(settings)

    def topic(self, name: str) -> str:
        """Name a topic as the cluster knows it."""
        return self._prefix + name

    def types_on(self, topic: str) -> list[str]:
        """List the event types that travel on a topic of the cluster."""
        return list(TOPICS[topic.removeprefix(self._prefix)])

    @asynccontextmanager
    async def producer(self) -> AsyncIterator[AIOKafkaProducer]:
        """Connect a producer whose send is done when every in-sync replica has it."""
        producer = AIOKafkaProducer(
            bootstrap_servers=self._settings.kafka_bootstrap_servers,
            acks="all",
            # The embedded broker fails it; duplicates are the inboxes' to drop (decision 6).
            enable_idempotence=not self._settings.kafka_embedded,
            max_request_size=MAX_MESSAGE_BYTES,
            # A request has one batch a partition: the default of 16 KB would make a relay's batch
            # several requests, one after the other.
            max_batch_size=MAX_MESSAGE_BYTES // 4,
            request_timeout_ms=REQUEST_MS,
            **parse_security(self._security),
        )
        try:
            await producer.start()
            yield producer
        finally:
            await producer.stop()

    def hint(self, hints: Sequence[Hint]) -> None:
        """Tell readers that rest what was put on the cluster's topics."""
        for hint in hints:
            stir(hint)
        if self._settings.kafka_embedded:
            tell(self._settings.kafka_bootstrap_servers, hints)

    async def end_offsets(self, places: Iterable[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """Ask where each partition ends; 0 for one that isn't there any more."""
        wanted = list(places)
        known = await self._partitions()
        there = [TopicPartition(*place) for place in wanted if place in known]
        if not there:
            return dict.fromkeys(wanted, 0)
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._settings.kafka_bootstrap_servers,
            request_timeout_ms=REQUEST_MS,
            **parse_security(self._security),
        )
        try:
            await consumer.start()
            ends = await consumer.end_offsets(there)
        finally:
            await consumer.stop()
        return {place: ends.get(TopicPartition(*place), 0) for place in wanted}

    def forgot(self, *, mark: int, end: int) -> bool:
        """Tell whether a partition that ends here holds less than was acknowledged."""
        # The embedded broker names its last batch's beginning; and it forgets all or nothing.
        return end == 0 < mark if self._settings.kafka_embedded else end < mark

    async def _partitions(self) -> set[tuple[str, int]]:
        """Ask which partitions there are; of all topics, as asking for one by name can make it."""
        async with self._admin() as admin:
            return {
                (topic["topic"], each["partition"])
                for topic in await admin.describe_topics()
                for each in topic["partitions"]
            }

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(
            bootstrap_servers=self._settings.kafka_bootstrap_servers,
            request_timeout_ms=REQUEST_MS,
            **parse_security(self._security),
        )
        try:
            await admin.start()
            yield admin
        finally:
            await admin.close()

    async def create_topics(self, names: Iterable[str] = TOPICS) -> None:
        """Make the topics that aren't there yet; raises KafkaError for any other refusal."""
        settings = self._settings
        retention = str(settings.retention_days * 24 * 3600 * 1000)
        wanted = [
            NewTopic(
                self.topic(name),
                num_partitions=settings.kafka_partitions,
                replication_factor=settings.kafka_replication_factor,
                topic_configs={"cleanup.policy": "delete", "retention.ms": retention},
            )
            for name in names
        ]
        async with self._admin() as admin:
            response = await admin.create_topics(wanted, timeout_ms=REQUEST_MS)
        for topic, code, *why in response.topic_errors:
            if code not in (0, TOPIC_ALREADY_EXISTS):
                raise for_code(code)(f"{topic}: {why}")

    def subscription(self, group: str, topics: Sequence[str], receive: Receive) -> Subscription:
        """Read topics as one group, in batches, acknowledged once `receive` returned."""
        settings = self._settings
        rests_at = settings.kafka_bootstrap_servers if settings.kafka_embedded else None
        return Subscription(lambda: self._broker(group, topics, receive), rests_at=rests_at)

    def describe(self, service: str, group: str | None, topics: Sequence[str]) -> AsyncAPI:
        """Describe in AsyncAPI what a service publishes and, as a group, reads."""

        async def nothing(records: Records) -> None:
            """Only described, never subscribed."""

        broker = self._broker(group, topics, nothing) if group else KafkaBroker()
        for event_type, contract in TOPICS.get(f"{service}.events", {}).items():
            broker.publisher(self.topic(f"{service}.events"), schema=contract, title=event_type)
        return AsyncAPI(broker, title=f"Roadworthy {service} events", version="1.0.0")

    def _broker(self, group: str, topics: Sequence[str], receive: Receive) -> KafkaBroker:
        settings = self._settings
        broker = KafkaBroker(
            settings.kafka_bootstrap_servers,
            client_id=f"{self._prefix}{group}",
            request_timeout_ms=REQUEST_MS,
            security=self._security,
            graceful_timeout=10.0,
            logger=None,
            # What it injects it looks for in threads, four times a batch; nothing is wanted here.
            apply_types=False,
        )
        waits: dict[str, Any] = (
            # There a join takes half the session's timeout, and who isn't told of anything asks
            # briefly (`Reader`).
            {"fetch_max_wait_ms": 4, "heartbeat_interval_ms": 500, "session_timeout_ms": 3000}
            if settings.kafka_embedded
            else {
                "fetch_max_wait_ms": 500,
                "heartbeat_interval_ms": 3000,
                "session_timeout_ms": 10000,
            }
        )

        subscribed = broker.subscriber(
            *map(self.topic, topics),
            batch=True,
            group_id=self.topic(group),
            # FastStream's default acknowledges first, and so loses what a crash interrupts.
            ack_policy=AckPolicy.MANUAL,
            auto_offset_reset="earliest",
            max_records=MAX_RECORDS,
            # FastStream sleeps so long when nothing came, which `Reader` waits for by itself.
            batch_timeout_ms=1,
            parser=_readable,
            decoder=_whole,
            title=f"{group} reads",
            **waits,
        )

        async def handle(message: KafkaMessage) -> None:
            backoff = 0.5
            while True:
                try:
                    await receive(message.raw_message)
                    break
                except Exception:
                    # Raised, it would go by unseen, and the next batch's acknowledgement cover it.
                    log.exception("consumer.stuck", group=group)
                await asyncio.sleep(backoff)
                backoff = min(backoff * 2, MAX_BACKOFF_SECONDS)
            # Not waited for: a commit takes the broker as long as a batch of ours the database.
            cast("Reader", message.consumer).acknowledge(message.raw_message)

        subscribed(handle)
        return broker


class Subscription:
    """A group's membership; a start makes new clients, as a lost broker's can't be used again."""

    def __init__(self, broker: Callable[[], KafkaBroker], *, rests_at: str | None) -> None:
        self._make = broker
        self._rests_at = rests_at
        self._broker: KafkaBroker | None = None

    async def start(self) -> None:
        """Join the group; raises KafkaError when no broker answers."""
        self._broker = self._make()
        await self._broker.connect()
        # FastStream has no parameter for the consumer's class.
        made = self._broker.config.broker_config
        options = cast("partial[Any]", made.builder).keywords
        made.builder = partial(Reader, rests_at=self._rests_at, **options)
        await self._broker.start()

    async def stop(self) -> None:
        """Finish the batch in hand and leave the group."""
        broker, self._broker = self._broker, None
        if broker is not None:
            await broker.stop()

    async def ready(self) -> bool:
        """Tell whether the group gave this member its share (none is a share, too)."""
        return self._broker is not None and await self._broker.ping(timeout=2.0)


async def _readable(record: Any, original: Callable[[Any], Awaitable[Any]]) -> Any:
    """Let a record with unreadable headers through to the inbox, which parks it."""
    return await original(tuple(replace(each, headers=readable(each.headers)) for each in record))


async def _whole(message: KafkaMessage) -> Any:
    """Hand on all there is: the inbox reads the raw records, and parks what can't be read."""
    return message


def _security(settings: ServiceSettings) -> BaseSecurity | None:
    if settings.kafka_username is None:
        return BaseSecurity(use_ssl=True) if settings.kafka_tls else None
    scheme = {
        "PLAIN": SASLPlaintext,
        "SCRAM-SHA-256": SASLScram256,
        "SCRAM-SHA-512": SASLScram512,
    }[settings.kafka_sasl_mechanism]
    password = settings.kafka_password.get_secret_value()
    return scheme(settings.kafka_username, password, use_ssl=settings.kafka_tls)


__all__ = ["Kafka", "KafkaError", "Receive", "Records", "Subscription"]
