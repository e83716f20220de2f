"""How fast what is owed leaves the outbox, against a producer that has it all in memory."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer

from bench.parts import Parts, parts, until_published
from bench.turns import Figure, Sample, figure, take_turns
from services.quote.settings import QuoteSettings
from shared.events import Event
from shared.kafka import Kafka
from shared.pending import RelayStore
from shared.relay import Relay

EVENTS = 10_000
DATA = json.dumps({"id": "quo_0", "filler": "x" * 1000})
OURS, BARE = "relay", "bare aiokafka producer loop, from memory"

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
    """Drain ten thousand events of 1 KB, each of another subject, or send the same ones."""
    async with parts({"quote": "quote"}) as made:
        ours, bare = _kafka(made, "ours."), _kafka(made, "bare.")
        for kafka in (ours, bare):
            await kafka.create_topics(["quote.events"])
        await _fill(made)
        store = await RelayStore.connect(made.dsn("quote"))
        events = [pending.event for pending in await store.next_batch(EVENTS)]
        await store.close()
        async with bare.producer() as producer:
            topic = bare.topic("quote.events")
            samples = await take_turns(
                {
                    OURS: lambda: _drain(made, ours),
                    BARE: lambda: _send(producer, topic, events),
                }
            )
    return [figure("events published", "events/s", samples, OURS, BARE)]


async def _drain(made: Parts, kafka: Kafka) -> Sample:
    async with made.connection("quote") as connection:
        if not await connection.fetchval("SELECT EXISTS (SELECT FROM outbox)"):
            await connection.execute(_FILL, EVENTS, DATA)
    relay = Relay("quote", made.dsn("quote"), kafka)
    before = time.perf_counter()
    await relay.start()
    await until_published(made, "quote")
    took = time.perf_counter() - before
    await relay.stop()
    return {"events/s": EVENTS / took}


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
