"""How much later healthy endpoints get theirs while others hang, or drip."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from statistics import quantiles

from bench.parts import parts
from bench.queues import queues_of
from bench.sink import sink
from bench.turns import Figure, Sample, Side, figure, take_turns
from shared.ids import new_id

HEALTHY = 20
EVENTS, EVENTS_A_SECOND = 60, 15.0
ALONE, BESIDE = "20 endpoints", "20, and 20 that answer"
SIDES = {
    ALONE: (0, "", ALONE),
    BESIDE: (20, "", BESIDE),
    "20, and 5 that hang": (5, "hang", ALONE),
    "20, and 20 that hang": (20, "hang", BESIDE),
    "20, and 20 that drip": (20, "drip", BESIDE),
}
"""How many others there are beside, their path, and the side that this is compared to."""


async def measure() -> Sequence[Figure]:
    """Tell 20 endpoints of 15 events a second, 4 s at a time; receivers have 5 s to answer."""
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(parts({"notifier": "notifier"}))
        url = await stack.enter_async_context(sink())
        queues = queues_of(stack, made, url, webhook_timeout=5)
        await queues.engine.start()
        stack.push_async_callback(queues.engine.stop)
        accounts = {name: new_id("par") for name in SIDES}
        healthy: dict[str, list[str]] = {}
        for name, (others, path, _) in SIDES.items():
            healthy[name] = await queues.register(HEALTHY, accounts[name], window=4)
            await queues.register(others, accounts[name], path, window=4)

        async def sample(name: str) -> Sample:
            events = []
            for _ in range(EVENTS):
                events.append(await queues.happen(accounts[name]))
                await asyncio.sleep(1 / EVENTS_A_SECOND)
            percentiles = quantiles(await queues.latencies(events, healthy[name]), n=100)
            return {"ms p50": percentiles[49], "ms p99": percentiles[98]}

        def side(name: str) -> Side:
            return lambda: sample(name)

        samples = await take_turns({name: side(name) for name in SIDES})
    return [
        figure(f"healthy: {name}", "ms p99", samples, name, baseline)
        for name, (_, _, baseline) in SIDES.items()
        if name != baseline
    ]
