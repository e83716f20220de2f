"""Client secrets and refresh tokens: drawn, hashed, checked."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = 2
"""Hashing is slow on purpose: more at once would only take the processor from requests."""

_hasher = PasswordHasher()
_places = asyncio.Semaphore(AT_ONCE)


@cache
def _nobodys() -> str:
    """Make a hash to check where there is no such client, so that the time taken doesn't tell."""
    return _hasher.hash(secrets.token_urlsafe(32))


def draw_secret() -> str:
    """Draw a client's secret, 256 bits."""
    return f"rws_{secrets.token_urlsafe(32)}"


async def hash_secret(secret: str) -> str:
    """Hash a secret with Argon2id, off the event loop."""
    async with _places:
        return await asyncio.to_thread(_hasher.hash, secret)


async def matches(secret: str, secret_hash: str | None) -> bool:
    """Check a secret, off the event loop; takes as long when there is no hash to check against."""
    async with _places:
        right = await asyncio.to_thread(_verify, secret, secret_hash)
    return right and secret_hash is not None


def _verify(secret: str, secret_hash: str | None) -> bool:
    try:
        return _hasher.verify(secret_hash or _nobodys(), secret)
    except (VerificationError, InvalidHashError):
        return False


def draw_refresh_token() -> tuple[str, bytes]:
    """Draw a refresh token, 256 bits, and what is stored of it."""
    token = f"rwr_{secrets.token_urlsafe(32)}"
    return token, refresh_hash(token)


def refresh_hash(token: str) -> bytes:
    """Hash a refresh token; it is random, so a fast hash does."""
    return hashlib.sha256(token.encode()).digest()
