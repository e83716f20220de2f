"""Receivers of every kind, and a checker of what reached them."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from shared.events import Event

_LENGTH = re.compile(rb"content-length: (\d+)")


@dataclass(frozen=True)
class Arrival:
    """A request as it came, to a path that says how it is answered."""

    path: str
    id: str
    subject: str
    sequence: int
    body: bytes = b""


def complaints(
    promised: Sequence[Event], arrivals: Iterable[Arrival], *, ordered: bool
) -> list[str]:
    """Judge afterwards: `promised` was acknowledged; each may come again, by the same id alone."""
    known = {event.id: event for event in promised}
    first: dict[str, Arrival] = {}
    found: list[str] = []
    last: dict[str, int] = {}
    told: dict[tuple[str, int], str] = {}
    for arrival in arrivals:
        before = first.setdefault(arrival.id, arrival)
        if before.body != arrival.body:
            found.append(f"{arrival.id} came with another body")
        if told.setdefault((arrival.subject, arrival.sequence), arrival.id) != arrival.id:
            found.append(f"{arrival.subject} #{arrival.sequence} came under two ids")
        if before is not arrival:
            continue
        if arrival.id not in known:
            found.append(f"{arrival.id} was never promised")
        if ordered and arrival.sequence < last.get(arrival.subject, 0):
            found.append(f"{arrival.subject} #{arrival.sequence} came after a later one")
        last[arrival.subject] = max(last.get(arrival.subject, 0), arrival.sequence)
    return found + [f"{each} was lost" for each in known if each not in first]


@dataclass
class Receivers:
    """Answers by path: ok, slow, hang, reset, 500, 410, 302 or drip (a byte now and then)."""

    origin: str = ""
    arrivals: list[Arrival] = field(default_factory=list)

    def at(self, path: str) -> list[Arrival]:
        return [each for each in self.arrivals if each.path == path]

    def has_all(self, path: str, events: Sequence[Event]) -> bool:
        return {event.id for event in events} <= {each.id for each in self.at(path)}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while await self._one(reader, writer):
                pass
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        body = await reader.readexactly(int(length[1]) if length else 0)
        path = head.split(b" ")[1].decode()
        said = json.loads(body)
        name = re.search(rb"webhook-id: (\S+)", head)
        identity = name[1].decode() if name else ""
        self.arrivals.append(Arrival(path, identity, said["subject"], said["sequence"], body))
        match path:
            case "/reset":
                writer.transport.abort()
                return False
            case "/hang":
                await asyncio.sleep(3600)
            case "/drip":
                for byte in b"HTTP/1.1 200 OK\r\nX-Never: " + b"." * 3600:
                    writer.write(bytes([byte]))
                    await writer.drain()
                    await asyncio.sleep(1)
            case "/slow":
                await asyncio.sleep(0.03)
        status = path[1:] if path[1:].isdecimal() else "204"
        writer.write(f"HTTP/1.1 {status} X\r\nLocation: /elsewhere\r\n".encode())
        writer.write(b"\r\n" if status == "204" else b"Content-Length: 0\r\n\r\n")
        await writer.drain()
        return True


@asynccontextmanager
async def receivers() -> AsyncIterator[Receivers]:
    """Listen on a free port while the block lasts."""
    made = Receivers()
    serving: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        with suppress(asyncio.CancelledError):
            await made.serve(reader, writer)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    made.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
