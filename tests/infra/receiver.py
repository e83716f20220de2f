"""A receiver of webhooks on a loopback socket, which answers as a test wishes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from infra.waiting import eventually


@dataclass(frozen=True)
class Request:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


Answer = Callable[[Request], web.StreamResponse]


def status(code: int, **headers: str) -> Answer:
    """Make an answer of this status; `Retry_After` becomes the header `Retry-After`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request: web.Response(status=code, headers=named, text=f"told {code}")


class Receiver:
    """Keeps what it received; `answers` are used up first, then `usual` answers each request.

    While `answering` is cleared, it hangs.
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answers: list[Answer] = []
        self.usual: Answer = status(204)
        self.answering = asyncio.Event()
        self.answering.set()
        self.url = ""

    async def first(self, count: int = 1, seconds: float = 10.0) -> list[Request]:
        """Wait until there are so many requests, and return those."""
        await eventually(lambda: len(self.requests) >= count, seconds)
        return self.requests[:count]

    async def of_type(self, event_type: str, count: int = 1, seconds: float = 10.0) -> Request:
        """Wait until there are so many requests about this type, and return the last of them."""

        def matching() -> list[Request]:
            found = [each for each in self.requests if each.json["type"] == event_type]
            return found if len(found) >= count else []

        return (await eventually(matching, seconds))[-1]

    async def handle(self, incoming: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in incoming.headers.items()}
        request = Request(incoming.method, incoming.path, headers, await incoming.read())
        self.requests.append(request)
        await self.answering.wait()
        return (self.answers.pop(0) if self.answers else self.usual)(request)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Listen on a free port while the block lasts."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"{site.name}/hooks"
    try:
        yield receiver
    finally:
        receiver.answering.set()
        await runner.cleanup()
