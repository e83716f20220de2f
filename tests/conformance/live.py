"""The platform on a socket, in a thread of its own: for clients that block."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any, TypeVar

from conformance import platform
from conformance.household import Household
from infra.access import SigningKeys
from roadworthy.embedded.inbox import Inbox
from roadworthy.embedded.ports import LOOPBACK, bind
from roadworthy.server import serving

START_SECONDS = 60.0
STOP_SECONDS = 30.0

T = TypeVar("T")


class Live:
    """Where the platform answers, and whose things are in it."""

    def __init__(self, owner: Household, origin: str, loop: asyncio.AbstractEventLoop) -> None:
        self.owner = owner
        self.origin = origin
        self._loop = loop
        self._over = asyncio.Event()

    async def until_over(self) -> None:
        """Wait for the end, within the thread."""
        await self._over.wait()

    def end(self) -> None:
        """End it, from outside the thread."""
        self._loop.call_soon_threadsafe(self._over.set)

    def wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        """Have something done in the thread, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(STOP_SECONDS)


@contextmanager
def live(urls: Mapping[str, str], keys: SigningKeys, inbox: Inbox, **bus: Any) -> Iterator[Live]:
    """Serve while the block lasts."""
    ready: Future[Live] = Future()

    async def serve() -> None:
        bound = bind(LOOPBACK, 0)
        async with (
            platform.running(urls, keys, inbox, **bus) as house,
            serving(house.gateway, bound),
        ):
            owner = Household(house)
            await owner.settle()
            origin = f"http://{LOOPBACK}:{bound.getsockname()[1]}"
            running = Live(owner, origin, asyncio.get_running_loop())
            ready.set_result(running)
            await running.until_over()

    with ThreadPoolExecutor(1, "platform") as thread:
        served = thread.submit(asyncio.run, serve())
        wait({served, ready}, START_SECONDS, FIRST_COMPLETED)
        if not ready.done():
            served.result(0)  # what stopped it, or that it takes too long
        running = ready.result(0)
        try:
            yield running
        finally:
            running.end()
            served.result(STOP_SECONDS)
