"""A receiver that costs next to nothing: takes every request, hangs on the path `/hang`, and
sends a byte now and then of an endless answer on `/drip`.

`python -m bench.sink PORT` listens on loopback, in a process of its own.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import uvloop

from bench.children import free_port

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
DRIP_SECONDS = 0.05
_ENDLESS = b"HTTP/1.1 200 OK\r\nx-endless: "
_TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"


class Sink(asyncio.Protocol):
    """One connection, with one request on it at a time."""

    def __init__(self) -> None:
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer each request that is complete."""
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            found = _LENGTH.search(self._read, 0, end)
            whole = end + 4 + (int(found[1]) if found else 0)
            if len(self._read) < whole:
                return
            path = self._read[:32].split(b" ")[1]
            self._read = self._read[whole:]
            if path == b"/drip":
                self._transport.write(_ENDLESS)
                self._drip()
            elif path != b"/hang":
                self._transport.write(_TAKEN)

    def _drip(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(b".")
            asyncio.get_running_loop().call_later(DRIP_SECONDS, self._drip)


async def serve(port: int) -> None:
    """Listen until the process ends."""
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", port, backlog=2048)
    await server.serve_forever()


@asynccontextmanager
async def sink() -> AsyncIterator[str]:
    """Run one in a process of its own, and yield its URL."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.sink", str(port))
    try:
        async with asyncio.timeout(20):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(0.05)
                else:
                    writer.close()
                    break
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        await process.wait()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
