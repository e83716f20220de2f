"""The calendars that were asked for last, as files."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from shared.problems import Problem

MOST_BYTES = 8_000_000
PATIENCE_SECONDS = 15.0


class CalendarFiles:
    """Writes one calendar at a time, and again only when it changed: the largest takes a second."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, bytes] = OrderedDict()
        self._turn = asyncio.Semaphore(1)

    async def file(self, etag: str, write: Callable[[], Awaitable[bytes]]) -> bytes:
        """Return the file of this tag, written now if need be; raises a 503 Problem for a queue."""
        if etag not in self._files:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self._turn.acquire()
            except TimeoutError:
                detail = "Many calendars are being written. Try again."
                raise Problem(503, "unavailable", detail, headers={"Retry-After": "60"}) from None
            try:
                if etag not in self._files:
                    self._files[etag] = await write()
            finally:
                self._turn.release()
        file = self._files[etag]
        self._files.move_to_end(etag)
        while len(self._files) > 1 and sum(map(len, self._files.values())) > MOST_BYTES:
            self._files.popitem(last=False)
        return file
