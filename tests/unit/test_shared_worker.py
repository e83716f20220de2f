"""Work by rows and time: at once while there is some, woken or not, and in spite of errors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from infra.waiting import eventually
from shared.worker import Worker

AGES = 3600.0


@asynccontextmanager
async def running(worker: Worker) -> AsyncIterator[Worker]:
    await worker.start()
    try:
        yield worker
    finally:
        await worker.stop()


async def test_it_goes_on_at_once_while_there_is_something_to_do() -> None:
    left = 5

    async def work() -> int:
        nonlocal left
        left -= left > 0
        return left

    async with running(Worker("test", work, every=AGES)):
        await eventually(lambda: left == 0, seconds=2)


async def test_it_looks_every_so_often_and_at_once_when_woken() -> None:
    looks = 0

    async def work() -> int:
        nonlocal looks
        looks += 1
        return 0

    async with running(Worker("test", work, every=0.02)):
        await eventually(lambda: looks > 3, seconds=2)
    looks = 0
    async with running(Worker("test", work, every=AGES)) as worker:
        await eventually(lambda: looks == 1, seconds=2)
        worker.wake()
        await eventually(lambda: looks == 2, seconds=2)


async def test_failures_are_told_and_outlived() -> None:
    broken = True
    tries = 0

    async def work() -> int:
        nonlocal tries
        tries += 1
        if broken:
            raise RuntimeError("not now")
        return 0

    async with running(Worker("test", work, every=0.005)) as worker:
        assert await worker.ready()
        await eventually(lambda: tries >= 3, seconds=2)
        assert not await worker.ready()
        broken = False
        await eventually(worker.ready, seconds=2)
    assert not await worker.ready()


async def test_stopping_waits_for_the_work_in_hand_but_not_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, done = asyncio.Event(), asyncio.Event()

    async def work() -> int:
        begun.set()
        await asyncio.sleep(0.1)
        done.set()
        return 1

    async with running(Worker("test", work, every=AGES)):
        await begun.wait()
    assert done.is_set()

    async def stuck() -> int:
        await asyncio.sleep(AGES)
        return 0

    monkeypatch.setattr("shared.worker.STOP_SECONDS", 0.05)
    async with asyncio.timeout(20), running(Worker("test", stuck, every=AGES)):
        await asyncio.sleep(0)
