"""What a delivery costs beside the POST itself, and what hanging receivers change.

The engine runs in this process and PostgreSQL and the receiver in others: CPU is this process's, so
the database's share isn't in it. The baselines are loops of nothing but POSTs, 32 in flight.
"""

from __future__ import annotations

import asyncio
import base64
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from ipaddress import ip_network

import httpx

from bench.hanging import figures_with_hanging
from bench.parts import parts
from bench.queues import Queues
from bench.sink import sink
from bench.turns import Figure, Sample, figure, take_turns
from services.notifier.main import build
from services.notifier.sender import Sender
from services.notifier.settings import NotifierSettings

AT_ONCE = 32
COUNT = 4000
HTTPX_COUNT = 200
BODY = b"x" * 2000
HEADERS = {
    "webhook-id": "019b0540-0000-7000-8000-000000000000",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1," + "A" * 44,
    "content-type": "application/json",
}
ONE, TEN, THOUSAND = "engine, 1 endpoint", "engine, 10 endpoints", "engine, 1,000 endpoints"
BARE, HTTPX = "a bare loop, same client", "an httpx loop"


async def measure() -> Sequence[Figure]:
    """Drain four thousand deliveries of 2 KB, or post as many."""
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(parts({"notifier": "notifier"}))
        url = await stack.enter_async_context(sink())
        settings = NotifierSettings.model_validate(
            {
                "database_url": made.databases["notifier"],
                "kafka_bootstrap_servers": made.kafka,
                "kafka_embedded": True,
                "webhook_secrets_key": base64.b64encode(os.urandom(32)).decode(),
                "webhook_allowed_networks": ["127.0.0.0/8"],
                "webhook_in_flight": 1000,
                "webhook_timeout": 5,
            }
        )
        service = build(settings)
        stack.push_async_callback(service.engine.dispose)
        queues = Queues(made, settings, service, url)
        await service.parts["deliveries"].start()
        stack.push_async_callback(service.parts["deliveries"].stop)
        sender = Sender([ip_network("127.0.0.0/8")], timedelta(seconds=15))
        await sender.start()
        stack.push_async_callback(sender.stop)
        client = await stack.enter_async_context(httpx.AsyncClient())

        async def post() -> None:
            await sender.send("POST", url, HEADERS, BODY, account="par_bench")

        async def post_httpx() -> None:
            await client.post(url, headers=HEADERS, content=BODY)

        for endpoints in (1, 10, 1000):
            await queues.register(endpoints)
        samples = await take_turns(
            {
                ONE: lambda: _drained(queues, 1),
                TEN: lambda: _drained(queues, 10),
                THOUSAND: lambda: _drained(queues, 1000),
                BARE: lambda: _looped(post, COUNT),
                HTTPX: lambda: _looped(post_httpx, HTTPX_COUNT),
            }
        )
        found = [figure(f"{TEN}, CPU", "µs CPU", samples, TEN, each) for each in (BARE, HTTPX)]
        found += [
            figure(each, "deliveries/s", samples, each, BARE) for each in (ONE, TEN, THOUSAND)
        ]
        found += await figures_with_hanging(queues)
    return found


async def _drained(queues: Queues, endpoints: int) -> Sample:
    await queues.fill(COUNT, endpoints)
    return await _timed(lambda: queues.drain(endpoints), COUNT)


async def _looped(post: Callable[[], Awaitable[None]], count: int) -> Sample:
    left = iter(range(count))

    async def worker() -> None:
        for _ in left:
            await post()

    async def loop() -> None:
        await asyncio.gather(*(worker() for _ in range(AT_ONCE)))

    return await _timed(loop, count)


async def _timed(work: Callable[[], Awaitable[None]], count: int) -> Sample:
    cpu, began = time.process_time(), time.perf_counter()
    await work()
    seconds = time.perf_counter() - began
    return {
        "deliveries/s": count / seconds,
        "µs CPU": (time.process_time() - cpu) / count * 1e6,
    }
