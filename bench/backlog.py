"""How fast ten endpoints get theirs out of a million queued, against an empty table.

Three databases of one server take turns: `empty` has nothing but what is drained, `deep` a million
for these same endpoints, `beside` a million for others. Nobody runs ANALYZE by hand: statistics,
dead rows and vacuums are as they come.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack

from prometheus_client import REGISTRY

from bench.parts import parts
from bench.queues import Queues, queues_of
from bench.sink import sink
from bench.turns import Figure, Sample, figure, take_turns
from services.notifier.main import build

COUNT = 10_000
BACKLOG = int(os.environ.get("BACKLOG", "1000000"))
ENDPOINTS = 10
DRAIN_SECONDS = 60.0
EMPTY = "an empty table"
DEEP = "a million of their own"
BESIDE = "a million of others beside"
DATABASES = {EMPTY: "empty", DEEP: "deep", BESIDE: "beside"}


async def measure() -> Sequence[Figure]:
    """Drain ten thousand deliveries of 2 KB at a time, by one engine at a time."""
    async with AsyncExitStack() as stack:
        schemas = dict.fromkeys(DATABASES.values(), "notifier")
        made = await stack.enter_async_context(parts(schemas))
        url = await stack.enter_async_context(sink())
        queues = {name: queues_of(stack, made, url, each) for name, each in DATABASES.items()}
        for each in queues.values():
            await each.register(ENDPOINTS)
        began = time.monotonic()
        await queues[DEEP].pile_up(BACKLOG, ENDPOINTS)
        await queues[BESIDE].pile_up_beside(BACKLOG)
        print(f"  twice {BACKLOG:,} queued   [{time.monotonic() - began:.1f} s]", flush=True)
        samples = await take_turns(
            {
                EMPTY: lambda: _filled_and_drained(queues[EMPTY], empty=True),
                DEEP: lambda: _drained(queues[DEEP]),
                BESIDE: lambda: _filled_and_drained(queues[BESIDE]),
            }
        )
    return [
        figure(f"out of {each}", "deliveries/s", samples, each, EMPTY) for each in (DEEP, BESIDE)
    ]


async def _filled_and_drained(queues: Queues, *, empty: bool = False) -> Sample:
    if empty:
        await queues.clear()
    await queues.pile_up(COUNT, ENDPOINTS)
    return await _drained(queues)


async def _drained(queues: Queues) -> Sample:
    """Time a new engine from its start until so many are kept as delivered."""
    service = build(queues.settings)
    engine = service.parts["deliveries"]
    before, cpu, began = _delivered(), time.process_time(), time.perf_counter()
    await engine.start()
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            while _delivered() - before < COUNT:
                await asyncio.sleep(0.01)
        seconds = time.perf_counter() - began
        used = time.process_time() - cpu
    finally:
        await engine.stop()
        await service.engine.dispose()
    return {"deliveries/s": COUNT / seconds, "µs CPU": used / COUNT * 1e6}


def _delivered() -> float:
    named = {"outcome": "delivered"}
    return REGISTRY.get_sample_value("roadworthy_deliveries_total", named) or 0.0
