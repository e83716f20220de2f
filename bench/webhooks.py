"""From a quote's commit to its webhook's arrival, against a broker round trip and an HTTP call."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

import aiohttp
from aiohttp import web
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from bench.children import ROADWORTHY, child
from bench.quotes import BODY
from bench.turns import Figure, Sample, figure, take_turns
from roadworthy.client import Client, clients
from roadworthy.embedded.ports import LOOPBACK, bind
from roadworthy.status import read_up
from services.quote.settings import QuoteSettings
from shared.kafka import Kafka

EVENTS = 50
PAUSE_SECONDS = 0.1
ARRIVAL_SECONDS = 30.0
OURS = "commit to webhook"
BARE = "one broker round trip + one HTTP call"


@dataclass
class Receiver:
    """Notes when each thing was told about."""

    url: str
    arrived: dict[str, float] = field(default_factory=dict)

    async def take(self, request: web.Request) -> web.Response:
        """Take one webhook."""
        now = time.perf_counter()
        self.arrived.setdefault(json.loads(await request.read())["subject"], now)
        return web.Response(status=204)

    async def until_all(self, subjects: Sequence[str]) -> None:
        """Wait until all of them came."""
        async with asyncio.timeout(ARRIVAL_SECONDS):
            while not all(subject in self.arrived for subject in subjects):
                await asyncio.sleep(0.01)


async def measure() -> Sequence[Figure]:
    """Ask for fifty quotes, 100 ms apart, or send as many messages."""
    with TemporaryDirectory(prefix="roadworthy-bench-") as made:
        data = Path(made) / "data"
        command = [ROADWORTHY, "up"]
        async with (
            child(command, {"DATA": str(data)}, Path(made) / "up.log"),
            clients(data) as by_role,
            _receiving() as receiver,
            _messages(data) as (producer, consumer),
            aiohttp.ClientSession() as session,
        ):
            partner = by_role["partner"]
            endpoint = {"url": receiver.url, "events": ["quote.created"]}
            await partner.post("/v1/webhook-endpoints", endpoint)

            async def bare() -> Sample:
                return await _round_trips(producer, consumer, session, receiver)

            samples = await take_turns({OURS: lambda: _quotes(partner, receiver), BARE: bare})
    return [figure(OURS, unit, samples, OURS, BARE) for unit in ("ms p50", "ms p99")]


async def _quotes(partner: Client, receiver: Receiver) -> Sample:
    committed: dict[str, float] = {}
    for _ in range(EVENTS):
        quote = await partner.post("/v1/quotes", BODY)
        committed[quote["id"]] = time.perf_counter()
        await asyncio.sleep(PAUSE_SECONDS)
    await receiver.until_all(list(committed))
    # A webhook may overtake its quote's answer: then it took no time.
    return _spread([max(0.0, receiver.arrived[each] - committed[each]) for each in committed])


async def _round_trips(
    producer: AIOKafkaProducer,
    consumer: AIOKafkaConsumer,
    session: aiohttp.ClientSession,
    receiver: Receiver,
) -> Sample:
    sent: dict[str, float] = {}

    async def forward() -> None:
        for _ in range(EVENTS):
            record = await consumer.getone()
            async with session.post(receiver.url, data=record.value) as answer:
                await answer.read()

    forwarding = asyncio.create_task(forward())
    for number in range(EVENTS):
        subject = f"{time.monotonic_ns()}-{number}"
        sent[subject] = time.perf_counter()
        value = json.dumps({"subject": subject, "filler": "x" * 1000}).encode()
        await producer.send_and_wait("bench", value)
        await asyncio.sleep(PAUSE_SECONDS)
    await forwarding
    return _spread([receiver.arrived[each] - sent[each] for each in sent])


def _spread(seconds: Sequence[float]) -> Sample:
    cuts = quantiles(seconds, n=100, method="inclusive")
    return {"ms p50": cuts[49] * 1000, "ms p99": cuts[98] * 1000}


@asynccontextmanager
async def _receiving() -> AsyncIterator[Receiver]:
    bound = bind(LOOPBACK, 0)
    receiver = Receiver(f"http://{LOOPBACK}:{bound.getsockname()[1]}/")
    app = web.Application()
    app.router.add_post("/", receiver.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.SockSite(runner, bound).start()
    try:
        yield receiver
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _messages(data: Path) -> AsyncIterator[tuple[AIOKafkaProducer, AIOKafkaConsumer]]:
    """Connect to the platform's own broker, with the settings that the platform uses."""
    addresses = read_up(data)
    assert addresses is not None
    settings = QuoteSettings(
        database_url=addresses.databases["quote"],
        kafka_bootstrap_servers=addresses.kafka,
        kafka_embedded=True,
    )
    consumer = AIOKafkaConsumer(
        "bench", bootstrap_servers=addresses.kafka, fetch_max_wait_ms=15, auto_offset_reset="latest"
    )
    async with Kafka(settings).producer() as producer:
        await producer.send_and_wait("bench", b"{}")  # makes the topic
        await consumer.start()
        try:
            await consumer.seek_to_end()
            yield producer, consumer
        finally:
            await consumer.stop()
