"""How much later healthy endpoints get theirs while a fifth of all endpoints hang."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from statistics import quantiles

from bench.queues import Queues
from bench.turns import Figure, Sample, figure, take_turns
from shared.ids import new_id

ENDPOINTS, HANGING = 20, 5
EVENTS, EVENTS_A_SECOND = 60, 15.0
WITH, WITHOUT = "20 endpoints, and 5 that hang", "20 endpoints"


async def figures_with_hanging(queues: Queues) -> Sequence[Figure]:
    """Tell 20 endpoints of 15 events a second, 4 s at a time."""
    healthy: dict[str, list[str]] = {}
    accounts = {WITH: new_id("par"), WITHOUT: new_id("par")}
    for name, account in accounts.items():
        healthy[name] = await queues.register(ENDPOINTS, account, window=4)
    await queues.register(HANGING, accounts[WITH], "hang", window=4)

    async def sample(name: str) -> Sample:
        events = []
        for _ in range(EVENTS):
            events.append(await queues.happen(accounts[name]))
            await asyncio.sleep(1 / EVENTS_A_SECOND)
        percentiles = quantiles(await queues.latencies(events, healthy[name]), n=100)
        return {"ms p50": percentiles[49], "ms p99": percentiles[98]}

    samples = await take_turns({WITH: lambda: sample(WITH), WITHOUT: lambda: sample(WITHOUT)})
    return [figure(f"healthy: {WITH}", "ms p99", samples, WITH, WITHOUT)]
