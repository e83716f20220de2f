"""Waiting for what a test expects, instead of for a time."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def eventually(look: Callable[[], T | Awaitable[T]], seconds: float = 10.0) -> T:
    """Look again and again until something true comes; return it, or fail after so long."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        seen = look()
        found: T = await seen if inspect.isawaitable(seen) else seen  # type: ignore[assignment]
        if found:
            return found
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"not seen within {seconds} s; the last look gave {found!r}")
        await asyncio.sleep(0.02)
