"""Webhook secrets at rest: AES-256-GCM under a key that the database never sees (decision 7)."""

from __future__ import annotations

import os
from base64 import b64decode
from collections.abc import Mapping, Sequence

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.notifier.domain.signature import SECRET_BYTES

KEY_BYTES = 32
NONCE_BYTES = 12


class SecretUnreadable(RuntimeError):
    """None of the keys opens this secret: a key is missing, or the row was tampered with."""


class SecretBox:
    """Seals with the first key, opens with any: a new key goes in front of the old ones."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise ValueError(f"webhook secrets need keys of {KEY_BYTES} bytes")
        self._ciphers = [AESGCM(key) for key in keys]

    @classmethod
    def of(cls, written: str) -> SecretBox:
        """Make one of keys in base64, with commas between them."""
        return cls([b64decode(key, validate=True) for key in written.split(",")])

    def new(self, endpoint_id: str) -> bytes:
        """Draw a secret for an endpoint; return it sealed."""
        return self.seal(os.urandom(SECRET_BYTES), endpoint_id)

    def new_pair(self, endpoint_id: str) -> tuple[bytes, bytes]:
        """Draw an ed25519 key for an endpoint; return it sealed, and its public key."""
        key = Ed25519PrivateKey.generate()
        return self.seal(key.private_bytes_raw(), endpoint_id), key.public_key().public_bytes_raw()

    def seal(self, secret: bytes, endpoint_id: str) -> bytes:
        """Encrypt a secret so that it opens for this endpoint alone."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._ciphers[0].encrypt(nonce, secret, endpoint_id.encode())

    def seal_headers(self, headers: Mapping[str, str], endpoint_id: str) -> bytes:
        """Encrypt an endpoint's own headers; they open as such alone, never as its secret."""
        return self.seal(orjson.dumps(headers), f"{endpoint_id}/headers")

    def open_headers(self, sealed: bytes, endpoint_id: str) -> dict[str, str]:
        """Decrypt an endpoint's own headers; raises SecretUnreadable."""
        headers: dict[str, str] = orjson.loads(self.open(sealed, f"{endpoint_id}/headers"))
        return headers

    def open(self, sealed: bytes, endpoint_id: str) -> bytes:
        """Decrypt; raises SecretUnreadable."""
        nonce, encrypted = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(nonce, encrypted, endpoint_id.encode())
            except InvalidTag:
                continue
        raise SecretUnreadable(f"no key opens the secret of {endpoint_id}")
