"""The log's days: made ahead, dropped when old and no longer owed, and never in anybody's way."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from infra.plumbing import rows, told
from shared.database import Database
from shared.retention import DAYS_AHEAD, keep_up

PARTITIONS = """
SELECT relname FROM pg_inherits JOIN pg_class ON oid = inhrelid
WHERE inhparent = 'events'::regclass ORDER BY relname
"""
ADD_DAY = """
CREATE TABLE events_{day:%Y%m%d} PARTITION OF events FOR VALUES FROM ('{day}') TO ('{next}')
"""
HAPPEN_THEN = """
WITH logged AS (
    INSERT INTO events (recorded_at, id, type, source, subject, "time", sequence, partner_id,
                        correlation_id, data)
    VALUES (:then, uuidv7(), 'partner.updated', '/test', 'one', :then, 1, 'par_', 'c', '{}')
    RETURNING position, recorded_at
) INSERT INTO outbox SELECT * FROM logged WHERE :owed
"""


@pytest.fixture
def today() -> date:
    return datetime.now(UTC).date()


async def keep_house(database: Database, *, keep_days: int = 30) -> None:
    async with database.transaction() as work:
        await keep_up(work.connection, keep_days=keep_days, has_inbox=True)


async def add_day(database: Database, day: date) -> str:
    async with database.transaction() as work:
        statement = ADD_DAY.format(day=day, next=day + timedelta(days=1))
        await work.connection.execute(text(statement))
    return f"events_{day:%Y%m%d}"


async def happen(database: Database, day: date, *, owed: bool) -> None:
    then = datetime.combine(day, datetime.min.time(), UTC)
    async with database.transaction() as work:
        await work.connection.execute(text(HAPPEN_THEN), {"then": then, "owed": owed})


async def test_days_are_made_ahead_and_events_go_into_theirs(bare: Database, today: date) -> None:
    await keep_house(bare)
    await keep_house(bare)  # and again: nothing is left to do
    days = [today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD + 1)]
    assert await rows(bare, PARTITIONS) == [
        *(f"events_{day:%Y%m%d}" for day in days),
        "events_default",
    ]
    async with bare.transaction() as work:
        work.publish(told("one", 1))


async def test_events_that_came_before_their_day_was_made_move_into_it(
    bare: Database, today: date
) -> None:
    async with bare.transaction() as work:
        work.publish(told("one", 1), told("two", 1))
    before = await rows(bare, "SELECT * FROM events ORDER BY position")
    await keep_house(bare)
    assert await rows(bare, "SELECT position FROM events_default") == []
    assert await rows(bare, "SELECT * FROM events ORDER BY position") == before
    joined = "SELECT subject FROM outbox JOIN events USING (recorded_at, position)"
    assert sorted(await rows(bare, joined)) == ["one", "two"]


async def test_an_old_day_goes_once_nothing_of_it_is_owed(bare: Database, today: date) -> None:
    kept, owing, old = [await add_day(bare, today - timedelta(days=days)) for days in (30, 31, 32)]
    await happen(bare, today - timedelta(days=31), owed=True)
    await happen(bare, today - timedelta(days=32), owed=False)
    await keep_house(bare)
    left = await rows(bare, PARTITIONS)
    assert kept in left
    assert owing in left
    assert old not in left

    async with bare.transaction() as work:
        await work.connection.execute(text("DELETE FROM outbox"))
    await keep_house(bare)
    assert owing not in await rows(bare, PARTITIONS)


async def test_what_was_received_and_answered_is_forgotten_later(bare: Database) -> None:
    async with bare.transaction() as work:
        for statement in (
            "INSERT INTO inbox VALUES ('c', 'old', now() - interval '32 days')",
            "INSERT INTO inbox VALUES ('c', 'kept', now() - interval '30 days')",
            "INSERT INTO idempotency_keys VALUES ('o', 'old', '', 200, '{}', '', "
            "now() - interval '73 hours')",
            "INSERT INTO idempotency_keys VALUES ('o', 'kept', '', 200, '{}', '', "
            "now() - interval '71 hours')",
        ):
            await work.connection.execute(text(statement))
    await keep_house(bare)
    assert await rows(bare, "SELECT event_id FROM inbox") == ["kept"]
    assert await rows(bare, "SELECT key FROM idempotency_keys") == ["kept"]


@pytest.mark.parametrize("old_days", [0, 9])
async def test_commands_go_on_meanwhile(bare: Database, today: date, old_days: int) -> None:
    done = asyncio.Event()

    async def command(subject: str) -> int:
        told_of = 0
        while not done.is_set() or not told_of:
            told_of += 1
            async with bare.transaction() as work:
                work.publish(told(subject, told_of))
        return told_of

    commands = [
        asyncio.create_task(command(subject)) for subject in ("one", "two", "three", "four")
    ]
    for days in range(old_days):
        await add_day(bare, today - timedelta(days=31 + days))
    await asyncio.gather(keep_house(bare), keep_house(bare))
    done.set()
    count = sum(await asyncio.gather(*commands))
    assert await rows(bare, "SELECT count(*) FROM events JOIN outbox USING (position)") == [count]


async def test_a_reader_between_two_locks_is_no_deadlock(bare: Database, today: date) -> None:
    """A query locks the log when it is parsed, and its partitions when it is planned."""
    await add_day(bare, today - timedelta(days=31))
    async with bare.transaction() as reader:
        await reader.connection.execute(text("LOCK TABLE ONLY events IN ACCESS SHARE MODE"))
        house = asyncio.create_task(keep_house(bare))
        await asyncio.sleep(0.3)
        assert not house.done()
        async with asyncio.timeout(30):
            await reader.connection.execute(text("SELECT count(*) FROM events"))
    await house
