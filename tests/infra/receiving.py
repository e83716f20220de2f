"""A webhook receiver that outlives the platform, as a partner's does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from roadworthy.embedded.ports import LOOPBACK, bind
from roadworthy.receiver import Webhook, judge


@dataclass
class Partner:
    """Keeps every webhook in the order of its arrival, repetitions included."""

    url: str
    secret: str = ""
    received: list[Webhook] = field(default_factory=list)
    refused: list[Webhook] = field(default_factory=list)

    def about(self, subject: str) -> list[Webhook]:
        """Return what came about something, each event once, in the order of its first arrival."""
        first: dict[str, Webhook] = {}
        for webhook in self.received:
            if webhook.subject == subject:
                first.setdefault(webhook.id, webhook)
        return list(first.values())

    async def _take(self, request: web.Request) -> web.Response:
        webhook = judge(self.secret, dict(request.headers), await request.read())
        (self.refused if webhook.refused_by else self.received).append(webhook)
        return web.Response(status=400 if webhook.refused_by else 204)


@asynccontextmanager
async def partner_receives() -> AsyncIterator[Partner]:
    """Receive on a free port; the secret has to be set once the endpoint is made."""
    bound = bind(LOOPBACK, 0)
    partner = Partner(f"http://{LOOPBACK}:{bound.getsockname()[1]}/hook")
    partner.secret = "whsec_" + "A" * 32  # nothing is expected before the real one is known
    app = web.Application()
    app.router.add_post("/hook", partner._take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.SockSite(runner, bound).start()
    try:
        yield partner
    finally:
        await runner.cleanup()
