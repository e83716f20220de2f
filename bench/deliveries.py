"""How fast an engine delivers beside a loop of POSTs.

The engine runs in this process, PostgreSQL and the receiver in others. The loop has 32 in flight.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from ipaddress import ip_network

from bench.parts import parts
from bench.posting import BODY, HEADERS, looped, timed
from bench.queues import Queues, queues_of
from bench.sink import sink
from bench.turns import Figure, Sample, figure, take_turns
from services.notifier.sender import Sender

COUNT = 4000
ONE, TEN, THOUSAND = "engine, 1 endpoint", "engine, 10 endpoints", "engine, 1,000 endpoints"
BARE = "a bare loop, same client"


async def measure() -> Sequence[Figure]:
    """Drain four thousand deliveries of 2 KB, or post as many."""
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(parts({"notifier": "notifier"}))
        url = await stack.enter_async_context(sink())
        queues = queues_of(stack, made, url, webhook_in_flight=1000)
        await queues.engine.start()
        stack.push_async_callback(queues.engine.stop)
        sender = Sender([ip_network("127.0.0.0/8")], timedelta(seconds=15))
        await sender.start()
        stack.push_async_callback(sender.stop)

        async def post() -> None:
            await sender.send("POST", url, HEADERS, BODY, account="par_bench")

        for endpoints in (1, 10, 1000):
            await queues.register(endpoints)
        samples = await take_turns(
            {
                ONE: lambda: _drained(queues, 1),
                TEN: lambda: _drained(queues, 10),
                THOUSAND: lambda: _drained(queues, 1000),
                BARE: lambda: looped(post, COUNT),
            }
        )
    return [figure(each, "deliveries/s", samples, each, BARE) for each in (ONE, TEN, THOUSAND)]


async def _drained(queues: Queues, endpoints: int) -> Sample:
    await queues.fill(COUNT, endpoints)
    return await timed(lambda: queues.drain(endpoints), COUNT)
