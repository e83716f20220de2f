"""A loop of nothing but POSTs of 2 KB, as a baseline for what delivers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from bench.turns import Sample

AT_ONCE = 32
BODY = b"x" * 2000
HEADERS = {
    "webhook-id": "019b0540-0000-7000-8000-000000000000",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1," + "A" * 44,
    "content-type": "application/json",
}


async def looped(post: Callable[[], Awaitable[None]], count: int) -> Sample:
    """Post so many, 32 in flight."""
    left = iter(range(count))

    async def worker() -> None:
        for _ in left:
            await post()

    async def loop() -> None:
        await asyncio.gather(*(worker() for _ in range(AT_ONCE)))

    return await timed(loop, count)


async def timed(work: Callable[[], Awaitable[None]], count: int) -> Sample:
    """Do so much work; say how fast it went, and what CPU of this process it took."""
    cpu, began = time.process_time(), time.perf_counter()
    await work()
    seconds = time.perf_counter() - began
    return {
        "deliveries/s": count / seconds,
        "µs CPU": (time.process_time() - cpu) / count * 1e6,
    }
