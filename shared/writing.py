"""Writing documents by turns, on threads: each takes a core, and nobody is to wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from weakref import WeakValueDictionary

AT_ONCE = 2
"""Each takes a core for tens of milliseconds; one of 1,000 lines, a second."""

SECONDS = 10.0
"""From the request on, its turn included."""

Line = tuple[str, ...]
"""Who asks: from the narrowest, such as whoever has a link, to an account."""

_room = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="documents")
_lines: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()


async def in_turn(line: Line, write: Callable[[], bytes]) -> bytes:
    """Write on a thread, when it is the line's turn; raises TimeoutError.

    Of those who stand in one line one is served at a time, so that lines take turns: whoever asks
    for very many keeps others waiting for one of them. A line within another has a turn of that.
    """
    in_line = [_lines.setdefault(each, asyncio.Lock()) for each in line]
    async with asyncio.timeout(SECONDS), AsyncExitStack() as turns:
        for each in in_line:
            await turns.enter_async_context(each)
        return await asyncio.get_running_loop().run_in_executor(_room, write)
