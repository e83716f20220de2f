"""A service that runs as in production, but in this process: app, relay, consumer, workers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord

from infra.access import SigningKeys
from shared.contracts import TOPICS
from shared.events import Event, from_record
from shared.kafka import Kafka
from shared.service import Service
from shared.settings import ServiceSettings

Build = Callable[..., Service]


@pytest.fixture(scope="session")
def keys() -> SigningKeys:
    return SigningKeys()


def bus_settings(bootstrap: str, prefix: str, *, embedded: bool) -> dict[str, Any]:
    """Name the broker for any service's settings."""
    return {
        "kafka_bootstrap_servers": bootstrap,
        "kafka_topic_prefix": prefix,
        "kafka_embedded": embedded,
        "kafka_partitions": 3,
    }


def client_of(service: Service) -> httpx.AsyncClient:
    """Make a client whose requests go straight into the app.

    It waits for events longer than others: this machine may be busy.
    """
    transport = httpx.ASGITransport(service.app, raise_app_exceptions=False)
    return httpx.AsyncClient(
        transport=transport, base_url="http://roadworthy.test", headers={"Prefer": "wait=10"}
    )


@asynccontextmanager
async def running(service: Service, *topics: str) -> AsyncIterator[httpx.AsyncClient]:
    """Run a service with its topics made, and yield a client of it."""
    await service.kafka.create_topics(topics or TOPICS)
    await service.start()
    try:
        async with client_of(service) as client:
            yield client
    finally:
        await service.stop()


async def read_topic(settings: ServiceSettings, topic: str, count: int) -> list[Event]:
    """Read a topic from its beginning until there are so many events; fails after 15 s."""
    records = await read_records(settings, topic, count)
    return [from_record(record.headers, record.value) for record in records]


async def read_records(
    settings: ServiceSettings, topic: str, count: int
) -> list[ConsumerRecord[bytes, bytes]]:
    """Read a topic from its beginning until there are so many records; fails after 15 s."""
    consumer = AIOKafkaConsumer(
        Kafka(settings).topic(topic),
        bootstrap_servers=settings.kafka_bootstrap_servers,
        auto_offset_reset="earliest",
        consumer_timeout_ms=15_000,
        fetch_max_wait_ms=20,
    )
    await consumer.start()
    read: list[ConsumerRecord[bytes, bytes]] = []
    try:
        while len(read) < count:
            batches = await consumer.getmany(timeout_ms=15_000)
            assert batches, f"{len(read)} of {count} records on {topic}: {read}"
            for records in batches.values():
                read += records
    finally:
        await consumer.stop()
    return read
