"""A webhook receiver on this machine: what a partner would write, with two libraries as judges."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import standardwebhooks
from aiohttp import web

from roadworthy.client import Client
from roadworthy.embedded.ports import LOOPBACK, bind
from roadworthy.forwarding import Forwarded


@dataclass(frozen=True)
class Webhook:
    """A webhook as it came, and which libraries accept its signature."""

    id: str
    type: str
    sequence: int
    subject: str
    body: dict[str, Any]
    verified_by: tuple[str, ...]
    refused_by: tuple[str, ...]


Forward = Callable[[str, Mapping[str, str], bytes], Awaitable[Forwarded]]
"""Hands a webhook on, by method, headers and body, and returns what was answered."""


@dataclass
class Receiver:
    """Keeps what came, in its order; `attempts` has an id that comes again as often as it came.

    With `forward`, what that answers is the answer; 400 for what no judge accepts.
    """

    secret: str = ""
    url: str = ""
    forward: Forward | None = None
    received: dict[str, Webhook] = field(default_factory=dict)
    attempts: list[tuple[Webhook, Forwarded | None]] = field(default_factory=list)
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def handle(self, request: web.Request) -> web.Response:
        """Take one webhook: 204 if a judge accepts it, 400 if not, or what the next one says."""
        body = await request.read()
        headers = dict(request.headers)
        webhook = judge(self.secret, headers, body)
        outcome = None
        if self.forward is not None and not webhook.refused_by:
            outcome = await self.forward(request.method, headers, body)
        async with self.arrived:
            self.received.setdefault(webhook.id, webhook)
            self.attempts.append((webhook, outcome))
            self.arrived.notify_all()
        if outcome is not None:
            return web.Response(status=outcome.status)
        return web.Response(status=400 if webhook.refused_by else 204)

    async def attempts_after(self, count: int) -> list[tuple[Webhook, Forwarded | None]]:
        """Wait until there were more attempts than that, and return the later ones."""
        async with self.arrived:
            await self.arrived.wait_for(lambda: len(self.attempts) > count)
            return self.attempts[count:]

    async def after(self, count: int) -> list[Webhook]:
        """Wait until more than so many came, and return the later ones."""
        async with self.arrived:
            await self.arrived.wait_for(lambda: len(self.received) > count)
            return list(self.received.values())[count:]


def judge(secret: str, headers: dict[str, str], body: bytes) -> Webhook:
    """Have the signature checked by every library at hand (`svix` only where it is installed)."""
    judges: dict[str, tuple[Any, type[Exception]]] = {
        "standardwebhooks": (
            standardwebhooks.Webhook(secret),
            standardwebhooks.WebhookVerificationError,
        )
    }
    try:
        import svix.webhooks
    except ImportError:
        pass
    else:
        judges["svix"] = svix.webhooks.Webhook(secret), svix.webhooks.WebhookVerificationError
    lower = {name.lower(): value for name, value in headers.items()}
    verified, refused = [], []
    for name, (library, refusal) in judges.items():
        try:
            library.verify(body, lower)
            verified.append(name)
        except refusal:
            refused.append(name)
    read = json.loads(body)
    return Webhook(
        id=lower["webhook-id"],
        type=read["type"],
        sequence=read["sequence"],
        subject=read["subject"],
        body=read,
        verified_by=tuple(verified),
        refused_by=tuple(refused),
    )


@asynccontextmanager
async def receiving(
    client: Client, events: Sequence[str], what_for: str, forward: Forward | None = None
) -> AsyncIterator[Receiver]:
    """Receive a client's webhooks on a free port; the endpoint is gone when the block ends."""
    receiver = Receiver(forward=forward)
    app = web.Application(client_max_size=2**20)
    app.router.add_route("*", "/", receiver.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    bound = bind(LOOPBACK, 0)
    try:
        await web.SockSite(runner, bound).start()
        receiver.url = f"http://{LOOPBACK}:{bound.getsockname()[1]}/"
        endpoint = await client.post(
            "/v1/webhook-endpoints",
            {"url": receiver.url, "events": list(events), "description": what_for},
        )
        receiver.secret = endpoint["secret"]
        try:
            yield receiver
        finally:
            await client.delete(f"/v1/webhook-endpoints/{endpoint['id']}")
    finally:
        await runner.cleanup()
