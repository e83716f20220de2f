"""Authenticates a client by its secret, and counts those that fail."""

from __future__ import annotations

import math

from services.partner.domain import throttle
from services.partner.hashing import Hashing
from services.partner.oauth_errors import unknown_client, wait_first
from services.partner.repository import accounts, failures
from services.partner.repository.accounts import Login
from shared.database import Database


async def authenticate(database: Database, hashing: Hashing, client_id: str, secret: str) -> Login:
    """Check a client's secret; raises a Problem: 401, 429 after many failures, 503 when busy."""
    async with hashing.place():
        # Within the place, so that guesses made at once are counted one after the other.
        return await _authenticate(database, hashing, client_id, secret)


async def _authenticate(database: Database, hashing: Hashing, client_id: str, secret: str) -> Login:
    async with database.reading() as connection:
        failed = await failures.of(connection, client_id)
        login = await accounts.login(connection, client_id)
    if left := throttle.wait(failed, database.clock.now()):
        raise wait_first(math.ceil(left.total_seconds()))
    right = await hashing.matches(secret, login.secret_hash if login else None)
    if login and right and login.active:
        return login
    async with database.transaction() as work:
        await failures.count(work.connection, client_id, work.now)
    raise unknown_client()
