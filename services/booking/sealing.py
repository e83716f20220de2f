"""What a link carries: encrypted and authenticated, so that nobody reads or alters it on the way.

Source: RFC 7516 (JWE), `dir` with A256GCM. Each link is sealed for one purpose (its `typ`).
"""

from __future__ import annotations

import hmac
from base64 import b64decode
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

KEY_BYTES = 32
MAX_CHARACTERS = 4000
_HEADER = {"alg": "dir", "enc": "A256GCM"}
_ALGORITHMS = list(_HEADER.values())

Claims = dict[str, Any]


class Purpose(StrEnum):
    """What a link is for; one for another purpose doesn't open."""

    BOOK = "book"
    HOLD = "hold"
    MANAGE = "manage"


class Altered(Exception):
    """No key opens it: it was altered, cut short, or is for something else."""


class Expired(Exception):
    """It was good until `at`."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        super().__init__(at.isoformat())


class TooMuch(Exception):
    """What it carries makes a longer address than all browsers and proxies take."""


class Seals:
    """Seals with the first key, opens with any: a new key goes in front of the old ones."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise ValueError(f"booking links need keys of {KEY_BYTES} bytes")
        self._marking = keys[0]
        self._keys = [OctKey.import_key(key) for key in keys]

    @classmethod
    def of(cls, written: str) -> Seals:
        """Make them of keys in base64, with commas between them."""
        return cls([b64decode(key, validate=True) for key in written.split(",")])

    def seal(self, purpose: Purpose, claims: Claims, *, until: datetime | None = None) -> str:
        """Seal claims, for ever unless `until` is given; raises TooMuch."""
        header = _HEADER | {"typ": purpose}
        inside = orjson.dumps(claims | ({"exp": until.timestamp()} if until else {}))
        token = jwe.encrypt_compact(header, inside, self._keys[0], algorithms=_ALGORITHMS)
        if len(token) > MAX_CHARACTERS:
            raise TooMuch
        return token

    def open(self, purpose: Purpose, token: str, now: datetime | None) -> Claims:
        """Read the claims again; raises Altered, and Expired unless `now` is None."""
        claims = self._claims(purpose, token)
        expires = claims.pop("exp", None)
        if expires is not None and now is not None and now.timestamp() >= expires:
            raise Expired(datetime.fromtimestamp(expires, now.tzinfo))
        return claims

    def mark(self, text: str) -> bytes:
        """Return what stands for a text that isn't to be kept, such as an address."""
        return hmac.digest(self._marking, text.encode(), "sha256")

    def _claims(self, purpose: Purpose, token: str) -> Claims:
        if len(token) > MAX_CHARACTERS:
            raise Altered
        for key in self._keys:
            try:
                found = jwe.decrypt_compact(token, key, algorithms=_ALGORITHMS)
            except (JoseError, ValueError, TypeError, KeyError):
                continue
            if found.headers().get("typ") == purpose and found.plaintext:
                claims: Claims = orjson.loads(found.plaintext)
                return claims
        raise Altered
