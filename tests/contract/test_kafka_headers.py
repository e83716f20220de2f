"""Our topics, read by clients that aren't written in Python and know nothing of us."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from typing import Any

import pytest
import pytest_asyncio
from confluent_kafka import Consumer, TopicPartition

from infra.plumbing import LONG_AGO, TOPIC, driverless, rows, told
from infra.servers import INFRA
from infra.waiting import eventually
from shared.contracts import dataschema
from shared.database import Database
from shared.kafka import Kafka
from shared.outbox import Told
from shared.relay import Relay
from shared.settings import ServiceSettings

EVENT = told("par_Ω", 7, name="Ωmega Motors")
Read = tuple[bytes, dict[str, str], dict[str, Any]]


@pytest_asyncio.fixture
async def topic(bare: Database, bare_url: str, bus: ServiceSettings) -> str:
    """Name a topic on which there is one event of ours, published as every event is."""
    kafka = Kafka(bus)
    await kafka.create_topics([TOPIC])
    relay = Relay("test", driverless(bare_url), kafka)
    await relay.start()
    try:
        async with bare.transaction() as work:
            work.now = LONG_AGO
            work.told.append(Told(EVENT, correlation_id="request-1", causation_id="cause-1"))

        async def published() -> bool:
            return not await rows(bare, "SELECT position FROM outbox")

        await eventually(published)
    finally:
        await relay.stop()
    return kafka.topic(TOPIC)


def check(read: Read) -> None:
    key, headers, body = read
    assert key.decode() == "par_Ω"
    assert headers == {
        "ce_specversion": "1.0",
        "ce_id": EVENT.id,
        "ce_type": "partner.updated",
        "ce_source": "/test",
        "ce_subject": "par_Ω",
        "ce_time": "2026-01-01T00:00:00Z",
        "ce_dataschema": dataschema("partner.updated"),
        "ce_sequence": "00000000000000000007",
        "ce_partnerid": EVENT.partner_id,
        "ce_correlationid": "request-1",
        "ce_causationid": "cause-1",
        "content-type": "application/json",
    }
    assert body["name"] == "Ωmega Motors"


async def test_librdkafka_reads_key_envelope_and_body(topic: str, bus: ServiceSettings) -> None:
    check(await asyncio.to_thread(by_librdkafka, topic, bus))


def by_librdkafka(topic: str, bus: ServiceSettings) -> Read:
    consumer = Consumer(
        {"bootstrap.servers": bus.kafka_bootstrap_servers, "group.id": f"{topic}.reader"}
    )
    consumer.assign([TopicPartition(topic, n, 0) for n in range(bus.kafka_partitions)])
    try:
        message = consumer.poll(15)
    finally:
        consumer.close()
    assert message is not None
    assert not message.error()
    key, value = message.key(), message.value()
    assert isinstance(key, bytes)
    assert isinstance(value, bytes)
    headers = {name: bytes(text).decode() for name, text in message.headers() or []}
    return key, headers, json.loads(value)


@pytest.mark.skipif(shutil.which("kcat") is None, reason="no kcat on the PATH")
@pytest.mark.skipif(
    INFRA == "embedded", reason="the embedded broker isn't for kcat 1.7, whose librdkafka is 2.0"
)
async def test_kcat_reads_key_envelope_and_body(topic: str, bus: ServiceSettings) -> None:
    check(await asyncio.to_thread(by_kcat, topic, bus))


def by_kcat(topic: str, bus: ServiceSettings) -> Read:
    words = ["-C", "-e", "-q", "-J", "-c", "1", "-o", "beginning", "-t", topic]
    read = subprocess.run(
        ["kcat", "-b", bus.kafka_bootstrap_servers, *words],
        capture_output=True, check=True, text=True, timeout=20,
    )  # fmt: skip
    message = json.loads(read.stdout)
    # It writes headers as a flat list of names and values.
    names, texts = message["headers"][::2], message["headers"][1::2]
    headers = dict(zip(names, texts, strict=True))
    return message["key"].encode(), headers, json.loads(message["payload"])
