"""Names to addresses, in threads of its own: a slow name server must not starve anything else."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

from services.notifier.addresses import Address

THREADS = 32


class Resolver:
    """The system's resolver; its answers are never kept, since each connection has to ask again."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="webhook-dns")

    async def resolve(self, host: str) -> Sequence[Address]:
        """List the addresses of a name, or of an address in any spelling.

        Raises OSError (socket.gaierror) when there is none, UnicodeError for what is no name.
        """
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        )
        texts = [str(address[0]).partition("%")[0] for *_, address in found]
        return [ip_address(text) for text in dict.fromkeys(texts)]

    def close(self) -> None:
        """Let the threads go without waiting for a name server."""
        self._threads.shutdown(wait=False, cancel_futures=True)
