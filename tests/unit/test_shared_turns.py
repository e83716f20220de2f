"""Whoever waits for a place gets it account by account, and none is ever lost."""

from __future__ import annotations

import asyncio
import random

import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared import context
from shared.problems import Problem
from shared.turns import MOST_WAITING, Turns


async def enter(turns: Turns, account: str, seconds: float = 10.0) -> str:
    with context.following("request", account=account or None):
        return await turns.enter(seconds)


async def test_accounts_are_let_in_by_turns_and_an_accounts_own_in_their_order() -> None:
    turns, entered = Turns(1), list[str]()

    async def visit(name: str) -> None:
        account = await enter(turns, name[0])
        entered.append(name)
        await asyncio.sleep(0)
        turns.leave(account)

    names = ["a1", "a2", "a3", "b1", "a4", "c1", "b2"]
    async with asyncio.TaskGroup() as visitors:
        for name in names:
            visitors.create_task(visit(name))

    assert entered == ["a1", "a2", "b1", "c1", "a3", "b2", "a4"]


async def test_an_account_leaves_half_of_the_places_to_others() -> None:
    turns = Turns(8)
    held = [await enter(turns, "busy") for _ in range(4)]
    fifth = asyncio.create_task(enter(turns, "busy"))
    await asyncio.sleep(0)

    assert await enter(turns, "other") == "other"
    assert await enter(turns, "") == ""
    assert not fifth.done()
    turns.leave(held.pop())
    assert await fifth == "busy"


async def test_our_own_work_may_have_all_places() -> None:
    turns = Turns(8)
    assert [await enter(turns, "") for _ in range(8)] == [""] * 8


async def test_too_many_of_one_account_are_refused_and_nobody_else() -> None:
    turns = Turns(1)
    await enter(turns, "busy")
    waiting = [asyncio.create_task(enter(turns, "busy")) for _ in range(MOST_WAITING)]
    await asyncio.sleep(0)

    with pytest.raises(Problem) as refused:
        await enter(turns, "busy")
    assert (refused.value.status, refused.value.code) == (429, "too-many-at-once")
    assert refused.value.headers == {"Retry-After": "1"}

    other = asyncio.create_task(enter(turns, "other"))
    await asyncio.sleep(0)
    turns.leave("busy")
    turns.leave(await waiting[0])
    assert await other == "other"
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_who_waits_too_long_is_told_so() -> None:
    turns = Turns(1)
    await enter(turns, "slow")
    with pytest.raises(PoolTimeout, match=r"no connection was free in 0\.01 s"):
        await enter(turns, "late", seconds=0.01)
    turns.leave("slow")
    assert await enter(turns, "late", seconds=0.01) == "late"


@pytest.mark.parametrize("seed", range(5))
async def test_no_place_is_lost_by_those_who_give_up(seed: int) -> None:
    turns, chance, inside = Turns(4), random.Random(seed), list[str]()

    async def visit() -> None:
        account = await enter(turns, chance.choice("abc"), seconds=chance.choice([0.002, 10]))
        inside.append(account)
        assert len(inside) <= 4
        assert inside.count(account) <= 2
        try:
            await asyncio.sleep(chance.choice([0, 0.001]))
        finally:
            inside.remove(account)
            turns.leave(account)

    visits = [asyncio.create_task(visit()) for _ in range(300)]
    while not all(each.done() for each in visits):
        chance.choice(visits).cancel()
        await asyncio.sleep(0)
    ended = await asyncio.gather(*visits, return_exceptions=True)

    allowed = (PoolTimeout, asyncio.CancelledError)
    assert all(each is None or isinstance(each, allowed) for each in ended)
    assert [await enter(turns, "", seconds=0.01) for _ in range(4)] == [""] * 4
