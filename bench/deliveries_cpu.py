"""What a delivery costs beside the POST itself, in CPU, and what that is made of.

The engine runs in this process, PostgreSQL and the receiver in others: the database's CPU is said
beside. The baselines are loops of nothing but POSTs, 32 in flight.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from ipaddress import ip_network

import httpx

from bench.parts import Parts, parts
from bench.posting import BODY, HEADERS, looped, timed
from bench.queues import Queues, queues_of
from bench.sink import sink
from bench.steps import Steps
from bench.turns import Figure, Sample, figure, take_turns
from roadworthy.collecting import sparing_what_stays
from services.notifier.engine.engine import Engine
from services.notifier.engine.finding import Finding
from services.notifier.engine.settling import Settling
from services.notifier.engine.signer import Signer
from services.notifier.sender import Sender

COUNT, HTTPX_COUNT = 4000, 200
LOOK_SECONDS = 0.05
TEN, ONE = "engine, 10 endpoints", "engine, 1 endpoint"
BARE, HTTPX = "a bare loop, same client", "an httpx loop"
COUNTED = "engine, its parts counted"
PARTS: dict[str, tuple[type, str]] = {
    "finding": (Finding, "fill"),
    "signing": (Signer, "headers"),
    "sending": (Engine, "_send"),
    "settling": (Settling, "_settle"),
}


async def measure() -> Sequence[Figure]:
    """Drain four thousand deliveries of 2 KB, or post as many."""
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(
            parts(dict.fromkeys(("notifier", "counted"), "notifier"))
        )
        url = await stack.enter_async_context(sink())
        queues = queues_of(stack, made, url)
        sender = Sender([ip_network("127.0.0.0/8")], timedelta(seconds=15))
        await sender.start()
        stack.push_async_callback(sender.stop)
        client = await stack.enter_async_context(httpx.AsyncClient())

        async def post() -> None:
            await sender.send("POST", url, HEADERS, BODY, account="par_bench")

        async def post_httpx() -> None:
            await client.post(url, headers=HEADERS, content=BODY)

        for endpoints in (1, 10):
            await queues.register(endpoints)
        stack.enter_context(sparing_what_stays())
        await queues.engine.start()
        samples = await take_turns(
            {
                TEN: lambda: _drained(queues, 10),
                ONE: lambda: _drained(queues, 1),
                BARE: lambda: looped(post, COUNT),
                HTTPX: lambda: looped(post_httpx, HTTPX_COUNT),
            }
        )
        await queues.engine.stop()
        samples |= await _counted(stack, made, url)
    against = [(TEN, BARE), (TEN, HTTPX), (ONE, BARE)]
    return [
        *(figure(each, "µs CPU", samples, each, base) for each, base in against),
        *(_share(f"of which {name}", f"µs {name}", samples[COUNTED]) for name in (*PARTS, "rest")),
        _share("the database beside", "µs of the database", samples[TEN]),
    ]


async def _counted(stack: AsyncExitStack, made: Parts, url: str) -> dict[str, list[Sample]]:
    steps = Steps()
    with steps.counted(PARTS):
        counted = queues_of(stack, made, url, "counted")
        await counted.register(10)
        await counted.engine.start()

        async def sample() -> Sample:
            steps.seconds.clear()
            whole = await _drained(counted, 10)
            found = {name: steps.seconds[name] / COUNT * 1e6 for name in PARTS}
            found["sending"] -= found["signing"]
            found["rest"] = whole["µs CPU"] - sum(found.values())
            return {**whole, **{f"µs {name}": value for name, value in found.items()}}

        samples = await take_turns({COUNTED: sample})
        await counted.engine.stop()
    return samples


def _share(what: str, unit: str, samples: Sequence[Sample]) -> Figure:
    ours = [sample[unit] for sample in samples]
    return Figure(what, "µs CPU", ours, [sample["µs CPU"] for sample in samples], "all of ours")


async def _drained(queues: Queues, endpoints: int) -> Sample:
    """Queue and drain; whoever waits for the end looks seldom, on a connection that is there."""
    await queues.fill(COUNT, endpoints)
    async with queues.connection() as connection:
        before = queues.made.database_cpu_seconds()

        async def drain() -> None:
            queues.hint(endpoints)
            while await queues.are_queued(connection, endpoints):
                await asyncio.sleep(LOOK_SECONDS)

        sample = await timed(drain, COUNT)
        used = queues.made.database_cpu_seconds() - before
    return {**sample, "µs of the database": used / COUNT * 1e6}
