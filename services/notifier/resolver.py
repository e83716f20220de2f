"""Names to addresses, in threads of its own: a slow name server must not starve anything else."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from ipaddress import ip_address

from services.notifier.addresses import Address, literal

THREADS = 64
SHARE = 4
"""An account has a quarter, at the most, of the threads that the others leave free."""


class Resolver:
    """The system's resolver; its answers are never kept, since each connection has to ask again.

    Whose names nobody answers for has his own share of threads waiting, and the rest are there for
    others: a dozen such accounts leave some free. A thread is free once the system gave up, which
    takes longer than anybody waits for it.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="webhook-dns")
        self._asking: Counter[str] = Counter()
        self._freed = asyncio.Event()

    async def resolve(self, host: str, account: str) -> Sequence[Address]:
        """List the addresses of a name, or of an address in any spelling, for an account.

        Waits for its share of the threads; whoever calls says how long. Raises OSError
        (socket.gaierror) when there is none, UnicodeError for what is no name.
        """
        if (address := literal(host)) is not None:
            return [address]
        while not self._may_ask(account):
            await self._freed.wait()
        self._asking[account] += 1
        looking = self._threads.submit(socket.getaddrinfo, host, None, type=socket.SOCK_STREAM)
        looking.add_done_callback(partial(self._looked, asyncio.get_running_loop(), account))
        found = await asyncio.wrap_future(looking)
        texts = [str(address[0]).partition("%")[0] for *_, address in found]
        return [ip_address(text) for text in dict.fromkeys(texts)]

    def close(self) -> None:
        """Let the threads go without waiting for a name server."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _may_ask(self, account: str) -> bool:
        own, others = self._asking[account], self._asking.total() - self._asking[account]
        return own < max(1, (THREADS - others) // SHARE) and own + others < THREADS

    def _looked(self, loop: asyncio.AbstractEventLoop, account: str, _: Future[object]) -> None:
        """Give a thread back, from that thread; the loop may have ended meanwhile."""
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(self._free, account)

    def _free(self, account: str) -> None:
        self._asking[account] -= 1
        if not self._asking[account]:
            del self._asking[account]
        self._freed.set()
        self._freed = asyncio.Event()
