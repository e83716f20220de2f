"""The platform on a socket, in a thread of its own: for clients that block."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from conformance import platform
from conformance.household import Household
from infra.access import SigningKeys
from roadworthy.embedded.inbox import Inbox
from roadworthy.embedded.ports import LOOPBACK, bind
from roadworthy.server import serving

START_SECONDS = 60.0
STOP_SECONDS = 30.0


class Live:
    """Where the platform answers, and whose things are in it."""

    def __init__(self) -> None:
        self.origin = ""
        self.owner: Household | None = None
        self.failed: BaseException | None = None
        self.ready = threading.Event()
        self.over = asyncio.Event()
        self.loop: asyncio.AbstractEventLoop | None = None

    async def serve(
        self, urls: Mapping[str, str], keys: SigningKeys, inbox: Inbox, bus: dict[str, Any]
    ) -> None:
        """Serve until it is over."""
        self.loop = asyncio.get_running_loop()
        bound = bind(LOOPBACK, 0)
        async with (
            platform.running(urls, keys, inbox, **bus) as house,
            serving(house.gateway, bound),
        ):
            self.owner = Household(house)
            await self.owner.settle()
            self.origin = f"http://{LOOPBACK}:{bound.getsockname()[1]}"
            self.ready.set()
            await self.over.wait()


@contextmanager
def live(urls: Mapping[str, str], keys: SigningKeys, inbox: Inbox, **bus: Any) -> Iterator[Live]:
    """Serve while the block lasts."""
    running = Live()

    def run() -> None:
        try:
            asyncio.run(running.serve(urls, keys, inbox, bus))
        except BaseException as error:
            running.failed = error
        finally:
            running.ready.set()

    thread = threading.Thread(target=run, name="platform", daemon=True)
    thread.start()
    assert running.ready.wait(START_SECONDS), "the platform isn't there in time"
    if running.failed:
        raise running.failed
    try:
        yield running
    finally:
        assert running.loop is not None
        running.loop.call_soon_threadsafe(running.over.set)
        thread.join(STOP_SECONDS)
