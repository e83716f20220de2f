"""How fast what is owed leaves the outbox, against a producer that has it all in memory."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaProducer

from bench.parts import Parts, parts, until_published
from bench.turns import Figure, Sample, figure, take_turns
from services.quote.settings import QuoteSettings
from shared.events import Event
from shared.kafka import Kafka
from shared.pending import RelayStore
from shared.relay import Relay

EVENTS = 20_000
DATA = json.dumps({"id": "quo_0", "filler": "x" * 1000})
OURS, BARE = "relay, out of PostgreSQL", "bare aiokafka producer, from memory"

_FILL = """
WITH logged AS (
    INSERT INTO events
        (id, type, source, subject, "time", sequence, partner_id, correlation_id, data)
    SELECT gen_random_uuid(), 'quote.created', '/quote', 'quo_' || n, now(), 1, 'par_1', 'bench', $2
    FROM generate_series(1, $1) AS n
    RETURNING position, recorded_at
)
INSERT INTO outbox (position, recorded_at) SELECT position, recorded_at FROM logged
"""


async def measure() -> Sequence[Figure]:
    """Drain twenty thousand events of 1 KB, each of another subject, or send the same ones."""
    async with parts({"quote": "quote"}) as made:
        ours, bare = _kafka(made, "ours."), _kafka(made, "bare.")
        for kafka in (ours, bare):
            await kafka.create_topics(["quote.events"])
        events = await _events(made)
        async with _leading(made, ours) as relay, bare.producer() as producer:
            topic = bare.topic("quote.events")
            samples = await take_turns(
                {
                    OURS: lambda: _drain(made, relay),
                    BARE: lambda: _send(producer, topic, events),
                }
            )
    return [figure("relay, 20,000 pending", "events/s", samples, OURS, BARE)]


async def _events(made: Parts) -> list[Event]:
    """Make the events once, and read back what the relay will send."""
    await _fill(made)
    store = await RelayStore.connect(made.dsn("quote"))
    try:
        return [pending.event for pending in await store.next_batch(EVENTS)]
    finally:
        await store.close()


@asynccontextmanager
async def _leading(made: Parts, kafka: Kafka) -> AsyncIterator[Relay]:
    """Run a relay that has published what there was."""
    relay = Relay("quote", made.dsn("quote"), kafka)
    await relay.start()
    try:
        await until_published(made, "quote")
        yield relay
    finally:
        await relay.stop()


async def _drain(made: Parts, relay: Relay) -> Sample:
    await _fill(made)
    before = time.perf_counter()
    relay.wake()
    await until_published(made, "quote")
    return {"events/s": EVENTS / (time.perf_counter() - before)}


async def _send(producer: AIOKafkaProducer, topic: str, events: Sequence[Event]) -> Sample:
    before = time.perf_counter()
    acknowledgements = [
        await producer.send(
            topic,
            value=event.data.encode(),
            key=event.subject.encode(),
            headers=event.headers(),
        )
        for event in events
    ]
    await asyncio.gather(*acknowledgements)
    return {"events/s": len(events) / (time.perf_counter() - before)}


async def _fill(made: Parts) -> None:
    async with made.connection("quote") as connection:
        await connection.execute(_FILL, EVENTS, DATA)


def _kafka(made: Parts, prefix: str) -> Kafka:
    return Kafka(
        QuoteSettings(
            database_url=made.databases["quote"],
            kafka_bootstrap_servers=made.kafka,
            kafka_embedded=True,
            kafka_topic_prefix=prefix,
        )
    )
