from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from services.partner.hashing import AT_ONCE, MAX_WAITING, Hashing
from shared.problems import Problem


async def test_hashing_and_checking_leave_the_loop_free() -> None:
    hashing = Hashing()
    right = await hashing.hashed("right")
    for work in (
        hashing.hashed("right"),
        hashing.matches("right", right),
        hashing.matches("wrong", None),
    ):
        task = asyncio.create_task(work)
        turns = 0
        while not task.done():
            await asyncio.sleep(0.001)
            turns += 1
        assert turns > 3


async def test_a_secret_matches_its_own_hash_alone() -> None:
    hashing = Hashing()
    right = await hashing.hashed("right")
    assert await hashing.matches("right", right)
    assert not await hashing.matches("wrong", right)
    assert not await hashing.matches("right", None)
    assert not await hashing.matches("right", "not a hash")


async def test_places_are_few_and_the_queue_for_them_is_bounded() -> None:
    hashing = Hashing()

    async def take() -> None:
        async with hashing.place():
            pass

    async with AsyncExitStack() as held:
        for _ in range(AT_ONCE):
            await held.enter_async_context(hashing.place())
        waiting = [asyncio.create_task(take()) for _ in range(MAX_WAITING)]
        await asyncio.sleep(0)
        with pytest.raises(Problem) as refused:
            await take()
        assert (refused.value.status, refused.value.headers["Retry-After"]) == (503, "1")
        assert not any(task.done() for task in waiting)
    await asyncio.gather(*waiting)
    await take()
