"""Uvicorn, run from within: an app is served as long as a block lasts, then drained."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import uvicorn
import uvloop

from roadworthy.collecting import sparing_what_stays
from roadworthy.embedded.ports import listen
from roadworthy.gateway import App

DRAIN_SECONDS = 15
KEEP_ALIVE_SECONDS = 20
"""Longer than clients keep an idle connection (aiohttp 15 s, httpx 5 s): else it may close just as
the next request comes."""

MAX_CONCURRENT = 1000
BACKLOG = 2048


class _Server(uvicorn.Server):
    """Leaves signals to `run`, which stops more than this server."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@asynccontextmanager
async def serving(app: App, bound: socket.socket) -> AsyncIterator[None]:
    """Serve on a bound socket while the block lasts; at its end, requests in hand are answered.

    Raises PartError where another process listens there by now.
    """
    listen(bound, BACKLOG)
    server = _Server(
        uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            limit_concurrency=MAX_CONCURRENT,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )
    )
    with sparing_what_stays():
        task = asyncio.create_task(server.serve([bound]), name="http")
        try:
            yield
        finally:
            server.should_exit = True
            await task


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run to the end, or until Ctrl-C or SIGTERM; a second of these cuts the drain short."""

    async def cancelled_by_signals() -> None:
        task = asyncio.ensure_future(main)
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        with suppress(asyncio.CancelledError):
            await task

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(cancelled_by_signals())
