"""More commands than connections: each gets one in its turn, however eager the others are."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeout

import shared.database
from infra.databases import MakeDatabase
from shared.clock import SystemClock
from shared.database import Database, create_engine

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
    database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared.database, "POOL_SECONDS", 0.1)
    engine = create_engine(await database("booking"), application="test", pool_size=1)
    asked = Database(engine, SystemClock(), source="/test")

    async with asked.reading():
        with pytest.raises(PoolTimeout, match="no connection was free"):
            async with asked.transaction():
                raise AssertionError
    async with asked.reading() as connection:
        assert await connection.scalar(text("SELECT 1")) == 1
    await engine.dispose()
