"""Client secrets and refresh tokens: drawn, and what of them may be stored."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from joserfc import jwe
from joserfc.jwk import OctKey

from services.partner.hashing import Hashing

_HEADER = {"alg": "PBES2-HS256+A128KW", "enc": "A256GCM"}


def draw_secret() -> str:
    """Draw a client's secret, 256 bits."""
    return f"rws_{secrets.token_urlsafe(32)}"


def draw_refresh_token() -> tuple[str, bytes]:
    """Draw a refresh token, 256 bits, and what is stored of it."""
    token = f"rwr_{secrets.token_urlsafe(32)}"
    return token, refresh_hash(token)


def refresh_hash(token: str) -> bytes:
    """Hash a refresh token; it is random, so a fast hash does."""
    return hashlib.sha256(token.encode()).digest()


@dataclass(frozen=True, slots=True)
class StorableSecret:
    """A client's secret as it may be stored: to check others by, and to be shown once more."""

    hashed: str
    sealed: str


class ClientSecrets:
    """Draws secrets, and opens one that has to be shown again (`Idempotency-Key`)."""

    def __init__(self, hashing: Hashing, password: str) -> None:
        self._hashing = hashing
        self._key = OctKey.import_key(password)

    async def new(self) -> StorableSecret:
        """Draw one; `open` tells what it is."""
        secret = draw_secret()
        sealed = jwe.encrypt_compact(
            dict(_HEADER), secret.encode(), self._key, algorithms=list(_HEADER.values())
        )
        return StorableSecret(await self._hashing.hashed(secret), sealed)

    def open(self, sealed: str) -> str:
        """Decrypt; raises JoseError for what another password sealed."""
        found = jwe.decrypt_compact(sealed, self._key, algorithms=list(_HEADER.values()))
        return (found.plaintext or b"").decode()
