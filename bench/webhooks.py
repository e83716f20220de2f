"""How long from a committed quote to its webhook, against what no such path can do without.

Ours goes through the outbox, the relay, the broker, the notifier's inbox and its queue of
deliveries, three processes in all. The baseline is one trip through the same broker, and one POST.
"""

from __future__ import annotations

import asyncio
import base64
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from statistics import quantiles

import aiohttp
import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from bench.access import Access, serving_access
from bench.children import ROADWORTHY, child
from bench.parts import Parts, parts
from bench.quotes import BODY
from bench.receiver import Receiver, receiving
from bench.turns import Figure, Sample, figure, take_turns
from shared.ids import new_id
from shared.kafka import Kafka
from shared.settings import ServiceSettings

EVENTS = 150
EVENTS_A_SECOND = 30.0
OURS = "quote → relay → broker → notifier → POST"
BASELINE = "one broker round trip + one POST"
TOPIC = "baseline.events"
FETCH_WAIT_MS = 15  # what a service asks of the embedded broker

Send = Callable[[], Awaitable[tuple[str, float]]]
"""Sends one; gives its subject, and the moment from which the time counts."""


async def measure() -> Sequence[Figure]:
    """Send 30 events a second, 150 at a time, far below what any of it could take."""
    databases = {"quote": "quote", "notifier": "notifier"}
    async with (
        parts(databases) as made,
        serving_access() as access,
        receiving() as receiver,
        aiohttp.ClientSession() as http,
        _services(made, access) as (quote, notifier),
        _round_trip(made, http, receiver) as send_directly,
    ):
        headers = access.headers()
        endpoint = {"url": receiver.url, "events": ["quote.*"]}
        async with http.post(
            f"{notifier}/v1/webhook-endpoints", json=endpoint, headers=headers
        ) as answer:
            assert answer.status == 201, await answer.text()

        async def send_quote() -> tuple[str, float]:
            async with http.post(f"{quote}/v1/quotes", json=BODY, headers=headers) as answer:
                body = await answer.json()
            assert answer.status == 201, body
            return body["id"], time.monotonic()

        samples = await take_turns(
            {
                OURS: lambda: _sample(send_quote, receiver),
                BASELINE: lambda: _sample(send_directly, receiver),
            }
        )
    return [
        figure(f"commit to webhook, {unit[3:]}", unit, samples, OURS, BASELINE)
        for unit in ("ms p50", "ms p99")
    ]


@asynccontextmanager
async def _services(made: Parts, access: Access) -> AsyncIterator[tuple[str, str]]:
    """Run both services, each as production does; yield their origins."""
    common = {"JWKS_URL": access.jwks_url}
    own = {
        "WEBHOOK_SECRETS_KEY": base64.b64encode(os.urandom(32)).decode(),
        "WEBHOOK_ALLOWED_NETWORKS": '["127.0.0.0/8"]',
    }
    async with (
        child(
            [ROADWORTHY, "serve", "quote"],
            made.environment("quote") | common,
            made.folder / "quote.log",
        ) as quote,
        child(
            [ROADWORTHY, "serve", "notifier"],
            made.environment("notifier") | common | own,
            made.folder / "notifier.log",
        ) as notifier,
    ):
        yield quote.origin, notifier.origin


@asynccontextmanager
async def _round_trip(
    made: Parts, http: aiohttp.ClientSession, receiver: Receiver
) -> AsyncIterator[Send]:
    """Post what comes off a topic of its own, with the clients' settings that services have."""
    settings = ServiceSettings.model_validate(
        {
            "database_url": made.databases["quote"],
            "kafka_bootstrap_servers": made.kafka,
            "kafka_embedded": True,
        }
    )
    kafka = Kafka(settings)
    await kafka.create_topics([TOPIC])
    consumer = AIOKafkaConsumer(
        TOPIC,
        bootstrap_servers=made.kafka,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=FETCH_WAIT_MS,
    )
    await consumer.start()
    posting = asyncio.create_task(_post_each(consumer, http, receiver.url))
    try:
        async with kafka.producer() as producer:
            yield lambda: _produce(producer)
    finally:
        posting.cancel()
        await asyncio.gather(posting, return_exceptions=True)
        await consumer.stop()


async def _produce(producer: AIOKafkaProducer) -> tuple[str, float]:
    subject, began = new_id("quo"), time.monotonic()
    event = {"subject": subject, "data": BODY, "padding": "x" * 1500}
    await producer.send_and_wait(TOPIC, key=subject.encode(), value=orjson.dumps(event))
    return subject, began


async def _post_each(consumer: AIOKafkaConsumer, http: aiohttp.ClientSession, url: str) -> None:
    async for record in consumer:
        async with http.post(url, data=record.value) as answer:
            await answer.read()


async def _sample(send: Send, receiver: Receiver) -> Sample:
    began: dict[str, float] = {}

    async def one() -> None:
        subject, moment = await send()
        began[subject] = moment

    async with asyncio.TaskGroup() as group:
        for _ in range(EVENTS):
            group.create_task(one())
            await asyncio.sleep(1 / EVENTS_A_SECOND)
    await receiver.all_of(set(began))
    took = [(receiver.arrived[subject] - moment) * 1000 for subject, moment in began.items()]
    percentiles = quantiles(took, n=100)
    return {"ms p50": percentiles[49], "ms p99": percentiles[98]}
