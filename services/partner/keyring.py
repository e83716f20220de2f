"""The keys that access tokens are signed with: in the database, encrypted, and rotated."""

from __future__ import annotations

import time
from datetime import timedelta

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from services.partner.repository import keys as stored
from services.partner.repository.keys import StoredKey
from shared.database import Database, Transaction
from shared.ids import new_id

REMEMBER_SECONDS = 60.0
OVERLAP = timedelta(days=1)
"""Longer than any access token lives: what a retired key signed can still be verified."""


class Keyring:
    """Signs by the newest key, and shows the public halves of all in force (a KeySource)."""

    def __init__(self, database: Database, password: str) -> None:
        self._database = database
        self._password = password
        self._ring: list[ECKey] = []
        self._read_at = float("-inf")

    async def keys(self, *, unknown: bool = False) -> KeySet:
        """Return the keys in force."""
        return KeySet(list(await self._current(again=unknown)))

    async def sign(self, claims: dict[str, str | int]) -> str:
        """Make a signed token of its claims."""
        newest = (await self._current())[0]
        return jwt.encode({"alg": "ES256", "kid": newest.kid, "typ": "at+jwt"}, claims, newest)

    async def rotate(self) -> str:
        """Sign by a new key from now on, and return its id; the others retire after the overlap."""
        async with self._database.transaction() as work:
            await stored.lock(work.connection)
            key = await self._make(work)
            await stored.retire_others(work.connection, key.id, work.now + OVERLAP)
        self._read_at = float("-inf")
        return key.id

    async def _current(self, *, again: bool = False) -> list[ECKey]:
        if again or time.monotonic() - self._read_at > REMEMBER_SECONDS:
            async with self._database.transaction() as work:
                found = await stored.in_force(work.connection, work.now)
                if not found:
                    await stored.lock(work.connection)
                    # Another process may have made one while this one waited.
                    found = await stored.in_force(work.connection, work.now)
                found = found or [await self._make(work)]
            self._ring = [self._opened(key) for key in found]
            self._read_at = time.monotonic()
        return self._ring

    async def _make(self, work: Transaction) -> StoredKey:
        drawn = ECKey.generate_key("P-256")
        pem = drawn.as_pem(private=True, password=self._password).decode()
        key = StoredKey(new_id("key"), pem, work.now, None)
        await stored.add(work.connection, key)
        return key

    def _opened(self, key: StoredKey) -> ECKey:
        pem, password = key.private_pem, self._password
        return ECKey.import_key(
            pem, {"kid": key.id, "use": "sig", "alg": "ES256"}, password=password
        )
