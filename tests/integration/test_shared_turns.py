"""More commands than connections: each gets one in its turn, however eager the others are."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeout

from infra.databases import MakeDatabase
from infra.quoting import QuoteDesk
from infra.waiting import eventually
from shared.clock import SystemClock
from shared.database import Database, create_engine
from shared.ids import new_id

STUCK = text("""
SELECT count(*) >= 4 FROM pg_locks WHERE relation = 'quotes'::regclass AND NOT granted
""")
WORKERS, CONNECTIONS, ROUNDS = 12, 2, 20


async def test_nobody_is_overtaken_by_those_who_come_back(database: MakeDatabase) -> None:
    engine = create_engine(await database("booking"), application="test", pool_size=CONNECTIONS)
    asked = Database(engine, SystemClock(), source="/test")
    done: Counter[int] = Counter()

    async def work(number: int) -> None:
        while max(done.values(), default=0) < ROUNDS:
            async with asked.reading() as connection:
                await connection.execute(text("SELECT 1"))
            done[number] += 1

    await asyncio.gather(*(work(number) for number in range(WORKERS)))
    await engine.dispose()

    assert min(done[number] for number in range(WORKERS)) >= ROUNDS - 2


async def test_who_waits_too_long_is_told_and_takes_nobodys_turn(
    database: MakeDatabase,
) -> None:
    engine = create_engine(await database("booking"), application="test", pool_size=1)
    asked = Database(engine, SystemClock(), source="/test", patience=0.1)

    async with asked.reading():
        with pytest.raises(PoolTimeout, match="no connection was free"):
            async with asked.transaction():
                raise AssertionError
    async with asked.reading() as connection:
        assert await connection.scalar(text("SELECT 1")) == 1
    await engine.dispose()


async def test_an_account_whose_commands_all_hang_keeps_no_other_one_waiting(
    quoting: QuoteDesk,
) -> None:
    busy, other = quoting.partner(new_id("par")), quoting.partner(new_id("par"))
    async with quoting.service.engine.begin() as lock:
        await lock.execute(text("LOCK TABLE quotes IN SHARE MODE"))
        hanging = [asyncio.create_task(quoting.ask(busy)) for _ in range(30)]

        async def all_stuck() -> bool:
            return bool(await lock.scalar(STUCK))

        await eventually(all_stuck)
        answer = await asyncio.wait_for(quoting.client.get("/v1/quotes", headers=other), 5)
        assert answer.status_code == 200
        assert not any(each.done() for each in hanging)
    made = await asyncio.gather(*hanging)

    assert len({each["id"] for each in made}) == 30
