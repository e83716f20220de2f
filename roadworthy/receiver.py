"""A webhook receiver on this machine: what a partner would write, with two libraries as judges."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import standardwebhooks
from aiohttp import web

from roadworthy.client import Client
from roadworthy.embedded.ports import LOOPBACK, bind


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


@dataclass
class Receiver:
    """Keeps what came, in its order; an id that comes again is kept once."""

    secret: str = ""
    url: str = ""
    received: dict[str, Webhook] = field(default_factory=dict)
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def handle(self, request: web.Request) -> web.Response:
        """Take one webhook: 204 if a judge accepts it, 400 if not."""
        body = await request.read()
        webhook = judge(self.secret, dict(request.headers), body)
        async with self.arrived:
            self.received.setdefault(webhook.id, webhook)
            self.arrived.notify_all()
        return web.Response(status=400 if webhook.refused_by else 204)

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
    client: Client, events: Sequence[str], what_for: str
) -> AsyncIterator[Receiver]:
    """Receive a client's webhooks on a free port; the endpoint is gone when the block ends."""
    receiver = Receiver()
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
