"""Access tokens for a benchmark's clients, and the key they are verified with, served as JWKS."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from shared.ids import new_id

LIFETIME_SECONDS = 3600


class Access:
    """Signs as the partner service does, with a key of this run's own."""

    def __init__(self) -> None:
        self._key = ECKey.generate_key("P-256", {"kid": "bench"}, auto_kid=False)
        self.jwks_url = ""

    def token(self, scope: str = "partner", account: str | None = None) -> str:
        """Make a token of an account; of a new one, where none is named."""
        now = int(time.time())
        claims = {
            "iss": "https://roadworthy.dev",
            "aud": "roadworthy",
            "sub": new_id("cli"),
            "partner_id": account or new_id("par"),
            "scope": scope,
            "iat": now,
            "exp": now + LIFETIME_SECONDS,
        }
        return jwt.encode({"alg": "ES256", "kid": "bench"}, claims, self._key)

    def headers(self, scope: str = "partner", account: str | None = None) -> dict[str, str]:
        """Make what a request of an account carries; of a new one, where none is named."""
        return {"Authorization": f"Bearer {self.token(scope, account)}"}

    async def answer(self, _: web.Request) -> web.Response:
        """Show the public key."""
        return web.json_response(KeySet([self._key]).as_dict(private=False))


@asynccontextmanager
async def serving_access() -> AsyncIterator[Access]:
    """Serve the keys on loopback while the block lasts."""
    access = Access()
    app = web.Application()
    app.router.add_get("/jwks.json", access.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    try:
        await site.start()
        access.jwks_url = f"{site.name}/jwks.json"
        yield access
    finally:
        await runner.cleanup()
