"""The delivery engine: takes what is due and keeps a bounded number of sends in flight."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import structlog

from services.notifier.repository import claims
from services.notifier.repository.claims import Claimed
from services.notifier.sender import Sender
from shared.database import Database
from shared.worker import Worker

POLL_SECONDS = 1.0
DRAIN_SECONDS = 10.0

log = structlog.get_logger(__name__)


class Engine:
    """Several engines share the work: each delivery is leased to one of them at a time."""

    def __init__(
        self,
        database: Database,
        sender: Sender,
        send: Callable[[Claimed], Coroutine[Any, Any, None]],
        *,
        lease: timedelta,
        window: int,
        in_flight: int,
    ) -> None:
        self._database = database
        self._sender = sender
        self._send = send
        self._lease = lease
        self._window = window
        self._room = in_flight
        self._flying: set[asyncio.Task[None]] = set()
        self._claiming = Worker("deliveries", self._claim, every=POLL_SECONDS)

    def wake(self) -> None:
        """Hint that something was queued; a lost hint costs a second."""
        self._claiming.wake()

    async def start(self) -> None:
        """Open the connection pool and begin."""
        await self._sender.start()
        await self._claiming.start()

    async def stop(self) -> None:
        """Take nothing more, and let what is in flight finish (10 s at the most).

        What doesn't is taken over by whoever comes next, once its lease ends.
        """
        await self._claiming.stop()
        if self._flying:
            await asyncio.wait(self._flying, timeout=DRAIN_SECONDS)
        for task in self._flying:
            task.cancel()
        await asyncio.gather(*self._flying, return_exceptions=True)
        await self._sender.stop()

    async def ready(self) -> bool:
        """Tell whether it takes what is due."""
        return await self._claiming.ready()

    async def _claim(self) -> int:
        slots = self._room - len(self._flying)
        if slots <= 0:
            return 0
        now = self._database.clock.now()
        async with self._database.reading() as connection:
            claimed = await claims.claim(
                connection, now=now, lease=self._lease, window=self._window, slots=slots
            )
        for each in claimed:
            task = asyncio.create_task(self._send(each), name=each.delivery.id)
            self._flying.add(task)
            task.add_done_callback(self._landed)
        # Fewer than there was room for: what is left waits for a landing, which wakes us.
        return len(claimed) if len(claimed) == slots else 0

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._flying.discard(task)
        # Its endpoint's window has room again.
        self._claiming.wake()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("delivery.unsettled", delivery=task.get_name(), error=repr(error))
