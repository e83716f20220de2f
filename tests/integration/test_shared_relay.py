"""From the outbox to the topic, on a real database and a real broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from infra.plumbing import TOPIC, driverless, rows, told
from infra.running import read_topic
from infra.waiting import eventually
from roadworthy.embedded.ports import RANGE, is_free
from shared import outbox, statements
from shared.database import Database
from shared.kafka import MAX_MESSAGE_BYTES, Kafka
from shared.outbox import MAX_EVENT_BYTES, EventTooLarge
from shared.pending import RelayStore
from shared.relay import Relay
from shared.settings import ServiceSettings


@asynccontextmanager
async def relaying(url: str, bus: ServiceSettings) -> AsyncIterator[Relay]:
    kafka = Kafka(bus)
    await kafka.create_topics([TOPIC])
    relay = Relay("test", driverless(url), kafka)
    await relay.start()
    try:
        yield relay
    finally:
        await relay.stop()


async def publish(database: Database, subject: str, *sequences: int) -> None:
    async with database.transaction() as work:
        work.publish(*(told(subject, sequence) for sequence in sequences))


async def nothing_owed(database: Database) -> bool:
    return not await rows(database, "SELECT position FROM outbox")


async def test_a_subjects_events_are_on_the_topic_in_their_order(
    bare: Database, bare_url: str, bus: ServiceSettings
) -> None:
    for number in range(1, 6):
        await publish(bare, "one", number)
        await publish(bare, "other", 2 * number - 1, 2 * number)
    async with relaying(bare_url, bus):
        seen = await read_topic(bus, TOPIC, 15)
    assert [event.sequence for event in seen if event.subject == "one"] == list(range(1, 6))
    assert [event.sequence for event in seen if event.subject == "other"] == list(range(1, 11))
    assert await nothing_owed(bare)
    assert [event.id for event in sorted(seen, key=lambda event: event.id)] == await rows(
        bare, "SELECT id::text FROM events ORDER BY id"
    )


async def test_a_transaction_that_commits_late_is_not_skipped(
    bare: Database, bare_url: str, bus: ServiceSettings
) -> None:
    async with relaying(bare_url, bus):
        async with bare.engine.begin() as late:
            # Its position is drawn now, and lies before the one that is published meanwhile.
            await late.execute(text("SELECT 'SQLAlchemy begins with the first statement'"))
            owed = [outbox.Told(told("late", 1))]
            logged = outbox.events(owed, now=datetime.now(UTC), source="/test")
            await statements.add(late, [outbox.addition(logged)])
            await publish(bare, "early", 1)
            assert [event.subject for event in await read_topic(bus, TOPIC, 1)] == ["early"]
        seen = await read_topic(bus, TOPIC, 2)
    assert sorted(event.subject for event in seen) == ["early", "late"]


async def test_what_is_read_ahead_begins_with_what_was_committed_late(
    bare: Database, bare_url: str
) -> None:
    store = await RelayStore.connect(driverless(bare_url))
    try:
        async with bare.engine.begin() as late:
            await late.execute(text("SELECT 'SQLAlchemy begins with the first statement'"))
            owed = [outbox.Told(told("late", 1))]
            logged = outbox.events(owed, now=datetime.now(UTC), source="/test")
            await statements.add(late, [outbox.addition(logged)])
            await publish(bare, "early", 1)
            sent = await store.next_batch(10)
        await publish(bare, "late", 2)
        ahead = await store.next_batch(10, besides=sent)
    finally:
        await store.close()
    assert [pending.event.subject for pending in sent] == ["early"]
    assert [(each.event.subject, each.event.sequence) for each in ahead] == [
        ("late", 1),
        ("late", 2),
    ]


async def test_what_a_broker_did_not_take_stays_owed(
    bare: Database, bare_url: str, bus: ServiceSettings
) -> None:
    await publish(bare, "one", 1, 2)
    nobody = next(port for port in reversed(RANGE) if is_free(port))
    nowhere = bus.model_copy(update={"kafka_bootstrap_servers": f"127.0.0.1:{nobody}"})
    unable = Relay("test", driverless(bare_url), Kafka(nowhere))
    await unable.start()
    try:
        await eventually(lambda: rows(bare, "SELECT epoch FROM relay_state WHERE epoch > 1"))
        assert not await unable.ready()
    finally:
        await unable.stop()
    assert len(await rows(bare, "SELECT position FROM outbox")) == 2

    async with relaying(bare_url, bus) as able:
        assert [event.sequence for event in await read_topic(bus, TOPIC, 2)] == [1, 2]
        assert await able.ready()


async def test_an_event_that_is_too_large_is_refused_with_all_that_came_with_it(
    bare: Database,
) -> None:
    async def command() -> None:
        async with bare.transaction() as work:
            await work.connection.exec_driver_sql("INSERT INTO effects (subject) VALUES ('one')")
            work.publish(told("one", 1), told("one", 2, name="x" * MAX_EVENT_BYTES))

    with pytest.raises(EventTooLarge, match="one"):
        await command()
    assert await rows(bare, "SELECT id FROM events") == []
    assert await rows(bare, "SELECT subject FROM effects") == []


async def test_an_event_of_no_known_type_is_refused_before_it_is_owed(bare: Database) -> None:
    nobodys = told("one", 1)
    object.__setattr__(nobodys, "type", "partner.vanished")
    with pytest.raises(KeyError, match=r"partner\.vanished"):
        async with bare.transaction() as work:
            work.publish(nobodys)
    assert await rows(bare, "SELECT id FROM events") == []


async def test_one_command_has_one_correlation(bare: Database) -> None:
    async with bare.transaction() as work:
        work.publish(told("one", 1), told("two", 1))
    correlations = await rows(bare, "SELECT DISTINCT correlation_id FROM events")
    assert len(correlations) == 1


async def test_a_commit_wakes_the_relay(
    bare: Database, bare_url: str, bus: ServiceSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.relay.POLL_SECONDS", 60.0)
    async with relaying(bare_url, bus) as relay:
        await eventually(relay.ready)
        await asyncio.sleep(0.1)  # now it waits, and would for a minute
        bare.on_publish(relay.wake)
        await publish(bare, "one", 1)
        await eventually(lambda: nothing_owed(bare), seconds=5)


async def test_no_event_passes_an_earlier_one_of_its_subject_that_failed(
    bare: Database, bare_url: str, bus: ServiceSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.outbox.MAX_EVENT_BYTES", 2 * MAX_MESSAGE_BYTES)
    async with bare.transaction() as work:
        unsendable = told("one", 2, name="x" * MAX_MESSAGE_BYTES)
        work.publish(told("one", 1), unsendable, told("one", 3), told("other", 1))
    async with relaying(bare_url, bus):
        seen = await read_topic(bus, TOPIC, 2)
        await eventually(lambda: rows(bare, "SELECT epoch FROM relay_state WHERE epoch > 2"))
        await publish(bare, "other", 2)
        seen = await read_topic(bus, TOPIC, 3)
    sent = sorted((event.subject, event.sequence) for event in seen)
    assert sent == [("one", 1), ("other", 1), ("other", 2)]
    owed = "SELECT sequence FROM outbox JOIN events USING (position) ORDER BY position"
    assert await rows(bare, owed) == [2, 3]
