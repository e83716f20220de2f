"""What acknowledges first, or has no inbox, dies halfway, on a real broker: the checker sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka import AIOKafkaConsumer
from sqlalchemy import text

from infra.delivering import Arrival, complaints
from infra.happenings import publish
from infra.plumbing import TOPIC, happened, rows
from shared.database import Database, Transaction
from shared.events import Event
from shared.ids import new_event_id, new_id
from shared.inbox import Inbox
from shared.kafka import Kafka
from shared.parking import Received
from shared.settings import ServiceSettings

DIES_AT, LAST = 3, 4
TABLE = """CREATE TABLE told (place serial, consumer text, id text, subject text, sequence int,
                            body text)"""

Take = Callable[[Any, Event, Callable[[], Awaitable[None]], bool], Awaitable[None]]
"""Takes a record, its event, how it is acknowledged, and whether to die in the middle of it."""


class Died(Exception):
    """The process ended here."""


async def tell(work: Transaction, consumer: str, event: Event, webhook_id: str) -> None:
    """Have a webhook told, by a row."""
    row = {"consumer": consumer, "id": webhook_id, "subject": event.subject, "body": event.data}
    statement = """INSERT INTO told (consumer, id, subject, sequence, body)
                   VALUES (:consumer, :id, :subject, :sequence, :body)"""
    await work.connection.execute(text(statement), row | {"sequence": event.sequence})


def acknowledging_first(database: Database) -> Take:
    async def take(
        record: Any, event: Event, acknowledge: Callable[[], Awaitable[None]], dies: bool
    ) -> None:
        await acknowledge()
        if dies:
            raise Died
        async with database.transaction() as work:
            await tell(work, "first", event, event.id)

    return take


def without_inbox(database: Database) -> Take:
    async def take(
        record: Any, event: Event, acknowledge: Callable[[], Awaitable[None]], dies: bool
    ) -> None:
        async with database.transaction() as work:
            await tell(work, "without", event, new_event_id())  # news, for all it knows
        if dies:
            raise Died
        await acknowledge()

    return take


def sound(database: Database) -> Take:
    async def effect(work: Transaction, event: Event) -> None:
        await tell(work, "sound", event, event.id)

    inbox = Inbox("sound", database, {"*": effect})

    async def take(
        record: Any, event: Event, acknowledge: Callable[[], Awaitable[None]], dies: bool
    ) -> None:
        await inbox.receive([record])
        if dies:
            raise Died
        await acknowledge()

    return take


async def live(bus: ServiceSettings, group: str, take: Take, *, dies: bool) -> None:
    """Read as the group's only member, to the end or to its own."""
    topic = Kafka(bus).topic(TOPIC)
    consumer = AIOKafkaConsumer(
        topic,
        group_id=f"{topic}.{group}",
        bootstrap_servers=bus.kafka_bootstrap_servers,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        heartbeat_interval_ms=500,
        # A join waits half of it at the embedded broker; Apache Kafka takes nothing shorter.
        session_timeout_ms=3000 if bus.kafka_embedded else 6000,
    )
    await consumer.start()
    try:
        while True:
            for [record] in (await consumer.getmany(timeout_ms=200, max_records=1)).values():
                event = Received.of(record).event
                assert event is not None
                await take(record, event, consumer.commit, dies and event.sequence == DIES_AT)
                if event.sequence == LAST:
                    return
    except Died:
        return
    finally:
        await consumer.stop()


async def test_consumers_that_die_halfway_are_judged_by_what_they_told(
    bare: Database, bus: ServiceSettings
) -> None:
    async with bare.transaction() as work:
        await work.connection.execute(text(TABLE))
    kafka, subject = Kafka(bus), new_id("par")
    log = [happened(subject, sequence) for sequence in range(1, LAST + 1)]
    await kafka.create_topics([TOPIC])
    await publish(kafka, *log)

    async def judged(name: str, take: Take) -> list[str]:
        await live(bus, name, take, dies=True)
        await live(bus, name, take, dies=False)
        query = f"""SELECT id, subject, sequence, body FROM told
                    WHERE consumer = '{name}' ORDER BY place"""  # noqa: S608 - our own names
        came = [Arrival("/ok", *row[:3], row[3].encode()) for row in await rows(bare, query)]
        return complaints(log, came, ordered=True)

    first, without, none = await asyncio.gather(
        judged("first", acknowledging_first(bare)),
        judged("without", without_inbox(bare)),
        judged("sound", sound(bare)),
    )
    assert first == [f"{log[DIES_AT - 1].id} was lost"]
    assert f"{subject} #{DIES_AT} came under two ids" in without
    assert none == []
