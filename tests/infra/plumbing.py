"""What is below every service: a database with the shared tables alone, and events of nobody's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer, ConsumerRecord
from sqlalchemy import text

from infra.databases import MakeDatabase
from infra.running import bus_settings
from infra.servers import INFRA
from shared import tables
from shared.clock import SystemClock
from shared.contracts import PartnerV1
from shared.database import Database, Transaction, create_engine
from shared.events import Event, Outgoing
from shared.ids import new_event_id, new_id
from shared.settings import ServiceSettings

TOPIC = "partner.events"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def driverless(url: str) -> str:
    """Name a database as asyncpg does."""
    return url.replace("+asyncpg", "")


def told(subject: str, sequence: int, name: str = "Harbour Motors") -> Outgoing:
    """Make the n-th event about something."""
    partner = PartnerV1(
        id=subject, name=name, email="a@b.example", roles=(), active=True, created_at=LONG_AGO
    )
    return Outgoing("partner.updated", subject, new_id("par"), sequence, partner)


async def rows(database: Database, query: str) -> list[Any]:
    """Run a query; the rows of one column come as their values."""
    async with database.reading() as connection:
        found = (await connection.execute(text(query))).all()
    return [row[0] if len(row) == 1 else tuple(row) for row in found]


@pytest_asyncio.fixture
async def bare_url(database: MakeDatabase) -> str:
    url = await database()
    connection = await asyncpg.connect(driverless(url))
    try:
        await connection.execute(tables.EVENTS + tables.INBOX + tables.IDEMPOTENCY)
        await connection.execute("CREATE TABLE effects (place serial, subject text, sequence int)")
    finally:
        await connection.close()
    return url


@pytest_asyncio.fixture
async def bare(bare_url: str) -> AsyncIterator[Database]:
    engine = create_engine(bare_url, application="test")
    yield Database(engine, SystemClock(), source="/test")
    await engine.dispose()


@pytest.fixture
def bus(kafka_bootstrap: str) -> ServiceSettings:
    """Name the broker, with topics that no other test has."""
    prefix = f"test-{new_event_id()}."
    named = bus_settings(kafka_bootstrap, prefix, embedded=INFRA == "embedded")
    return ServiceSettings(database_url="postgresql://", **named)


@pytest_asyncio.fixture
async def raw_producer(kafka_bootstrap: str) -> AsyncIterator[AIOKafkaProducer]:
    """Yield a client that puts on a topic whatever it is told to."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka_bootstrap)
    await producer.start()
    yield producer
    await producer.stop()


def happened(subject: str, sequence: int, name: str = "Harbour Motors") -> Event:
    """Make the n-th event about something, as it comes off a topic."""
    outgoing = told(subject, sequence, name)
    return Event(
        id=outgoing.id,
        type=outgoing.type,
        source="/test",
        subject=subject,
        time=LONG_AGO,
        sequence=sequence,
        partner_id=outgoing.partner_id,
        correlation_id=outgoing.id,
        causation_id=None,
        traceparent=None,
        data=outgoing.data.model_dump_json(),
    )


def records(*events: Event, offset: int = 0) -> list[ConsumerRecord[bytes, bytes]]:
    """Make the records that these events are on a topic of one partition."""
    return [
        record(event.subject.encode(), event.data.encode(), event.headers(), offset + place)
        for place, event in enumerate(events)
    ]


def record(
    key: bytes | None, value: bytes | None, headers: Any, offset: int = 0
) -> ConsumerRecord[bytes, bytes]:
    """Make any record, readable or not."""
    return ConsumerRecord(TOPIC, 0, offset, 0, 0, key, value, None, 0, 0, tuple(headers))


async def note(work: Transaction, event: Event) -> None:
    """Have an effect that can be counted."""
    await work.connection.execute(
        text("INSERT INTO effects (subject, sequence) VALUES (:subject, :sequence)"),
        {"subject": event.subject, "sequence": event.sequence},
    )


async def effects(database: Database) -> list[tuple[str, int]]:
    """List the effects in their order."""
    return await rows(database, "SELECT subject, sequence FROM effects ORDER BY place")


async def promised(database: Database) -> list[Event]:
    """List what was committed to be told, and so is owed."""
    found = await rows(database, "SELECT id::text, subject, sequence FROM events ORDER BY position")
    return [
        replace(happened(subject, sequence), id=event_id) for event_id, subject, sequence in found
    ]
