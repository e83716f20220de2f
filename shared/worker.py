"""Work that is due by rows and time, not by request: expiry, settling, reminders, deliveries."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

log = structlog.get_logger(__name__)

MAX_BACKOFF_SECONDS = 30.0
STOP_SECONDS = 10.0


class Worker:
    """Calls `work` every so often, and at once while it reports that there was something to do.

    What is due stands in rows, taken with SKIP LOCKED: any number of workers can share it, and a
    restart forgets nothing.
    """

    def __init__(
        self, name: str, work: Callable[[], Awaitable[int]], *, every: float, linger: float = 0.0
    ) -> None:
        self.name = name
        self._work = work
        self._every = every
        self._linger = linger
        """How long a hint waits for others."""
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._failures = 0

    def wake(self) -> None:
        """Hint that there is something to do; without it, it is found within `every` seconds."""
        self._woken.set()

    async def start(self) -> None:
        """Begin, in the background."""
        self._task = asyncio.create_task(self._run(), name=self.name)

    async def stop(self) -> None:
        """Let the work in hand finish (10 s at the most), then stop."""
        task, self._task = self._task, None
        if task is None:
            return
        self._woken.set()
        done, _ = await asyncio.wait({task}, timeout=STOP_SECONDS)
        if not done:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def ready(self) -> bool:
        """Tell whether the work succeeds."""
        return self._task is not None and self._failures < 3

    async def _run(self) -> None:
        while self._task is not None:
            pause = self._every
            try:
                if await self._work():
                    pause = 0.0
                self._failures = 0
            except Exception as error:
                self._failures += 1
                pause = min(self._every * 2**self._failures, MAX_BACKOFF_SECONDS)
                log.warning("worker.failed", worker=self.name, error=repr(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), pause)
                if self._task is not None:
                    await asyncio.sleep(self._linger)
            self._woken.clear()
