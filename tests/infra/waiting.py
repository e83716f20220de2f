"""Waiting for what a test expects, instead of for a time."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx

T = TypeVar("T")


async def eventually(look: Callable[[], T | Awaitable[T]], seconds: float = 30.0) -> T:
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


async def answered(url: str, look_out: Callable[[], None], seconds: float) -> httpx.Response:
    """Wait for a success at an address; `look_out` fails where waiting has no sense any more."""
    async with httpx.AsyncClient(timeout=5) as http:  # one: to make it takes longer than to ask

        async def ask() -> httpx.Response | None:
            look_out()
            try:
                answer = await http.get(url)
            except httpx.TransportError:
                return None
            return answer if answer.is_success else None

        found = await eventually(ask, seconds)
        assert found is not None
        return found
