"""`Prefer: wait=N` (RFC 7240): how long a caller will wait for what travels by event."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

from fastapi import Depends, Header

FOUND = TypeVar("FOUND")

DEFAULT_SECONDS = 2.0
MAX_SECONDS = 10.0
_WAIT = re.compile(r"(?:^|[,;])\s*wait\s*=\s*\"?(\d+)\"?\s*(?:$|[,;])", re.IGNORECASE)


async def _wait_seconds(
    prefer: Annotated[str | None, Header(max_length=200, examples=["wait=5"])] = None,
) -> float:
    found = _WAIT.search(prefer or "")
    return min(float(found[1]), MAX_SECONDS) if found else DEFAULT_SECONDS


WaitSeconds = Annotated[float, Depends(_wait_seconds)]


async def until(look: Callable[[], Awaitable[FOUND | None]], seconds: float) -> FOUND | None:
    """Look again and again, every 10 to 100 ms, until it is there or the time is up."""
    deadline = time.monotonic() + seconds
    pause = 0.01
    while (found := await look()) is None:
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            return None
        await asyncio.sleep(min(pause, remaining))
        pause = min(pause * 1.5, 0.1)
    return found
