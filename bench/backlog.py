"""How fast ten endpoints get theirs out of a million queued, against an empty table.

Two databases of one server take turns: one has nothing but what is drained, the other a million
for ten endpoints, which are drained themselves, or which another worker has while ten more are.
Nobody runs ANALYZE by hand: statistics, dead rows and vacuums are as they come.
"""

from __future__ import annotations

import asyncio
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
BACKLOG = 1_000_000
ENDPOINTS = 10
DRAIN_SECONDS = 60.0
EMPTY = "an empty table"
DEEP = "a million of their own"
BESIDE = "a million of others beside"


async def measure() -> Sequence[Figure]:
    """Drain ten thousand deliveries of 2 KB at a time, by one engine at a time."""
    async with AsyncExitStack() as stack:
        schemas = {"empty": "notifier", "full": "notifier"}
        made = await stack.enter_async_context(parts(schemas))
        url = await stack.enter_async_context(sink())
        empty, full = (queues_of(stack, made, url, each) for each in schemas)
        some, deep, few = [await each.register(ENDPOINTS) for each in (empty, full, full)]
        began = time.monotonic()
        await full.pile_up(BACKLOG, deep)
        print(f"  {BACKLOG:,} queued   [{time.monotonic() - began:.1f} s]", flush=True)

        async def out_of_nothing() -> Sample:
            await empty.clear()
            await empty.pile_up(COUNT, some)
            return await _drained(empty)

        async def out_of_own() -> Sample:
            await full.give_away([])
            return await _drained(full)

        async def beside_others() -> Sample:
            await full.give_away(deep)
            await full.pile_up(COUNT, few)
            return await _drained(full)

        samples = await take_turns({EMPTY: out_of_nothing, DEEP: out_of_own, BESIDE: beside_others})
    return [
        figure(f"out of {each}", "deliveries/s", samples, each, EMPTY) for each in (DEEP, BESIDE)
    ]


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
