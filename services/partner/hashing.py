"""Hashes client secrets, and checks them: Argon2id, off the event loop, a few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.partner.oauth_errors import busy

AT_ONCE = 2
"""Hashing is slow on purpose: more at once would only take the processor from requests."""

MAX_WAITING = 64
"""One more had better come back: a second's worth of work is waiting."""

# OWASP's least. The secrets are 256 random bits, so guessing is hopeless in any case; the library's
# defaults take five times as long, and four threads.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


class Hashing:
    """Hashes within `AT_ONCE` places."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._nobodys: str | None = None

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for a place, and hold it while the block lasts; raises a 503 Problem."""
        if self._waiting >= MAX_WAITING:
            raise busy()
        self._waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._places.release()

    async def hashed(self, secret: str) -> str:
        """Hash a new secret."""
        async with self.place():
            return await _hash(secret)

    async def matches(self, secret: str, secret_hash: str | None) -> bool:
        """Check a secret; call it with a place held. It takes as long when there is no hash."""
        if secret_hash is None:
            self._nobodys = self._nobodys or await _hash("nobody's")
            await asyncio.to_thread(_verify, secret, self._nobodys)
            return False
        return await asyncio.to_thread(_verify, secret, secret_hash)


async def _hash(secret: str) -> str:
    return await asyncio.to_thread(_hasher.hash, secret)


def _verify(secret: str, secret_hash: str) -> bool:
    try:
        return _hasher.verify(secret_hash, secret)
    except (VerificationError, InvalidHashError):
        return False
