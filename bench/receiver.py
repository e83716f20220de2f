"""A receiver of webhooks on loopback that notes when each arrived."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

ARRIVE_SECONDS = 30.0


class Receiver:
    """Keeps the moment (`time.monotonic`) at which something about a subject came first."""

    def __init__(self) -> None:
        self.arrived: dict[str, float] = {}
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        """Take one in."""
        now = time.monotonic()
        body = await request.json()
        self.arrived.setdefault(body["subject"], now)
        return web.Response(status=204)

    async def all_of(self, subjects: set[str]) -> None:
        """Wait until each of these has arrived; raises TimeoutError after half a minute."""
        async with asyncio.timeout(ARRIVE_SECONDS):
            while not subjects <= self.arrived.keys():
                await asyncio.sleep(0.05)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Listen on loopback while the block lasts."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/", receiver.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    try:
        await site.start()
        receiver.url = f"{site.name}/"
        yield receiver
    finally:
        await runner.cleanup()
