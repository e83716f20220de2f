"""The public keys that access tokens are verified with, wherever they come from."""

from __future__ import annotations

import time
from typing import Protocol

import aiohttp
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

REFRESH_SECONDS = 300.0
FETCH_SECONDS = 3.0
RETRY_SECONDS = 5.0
UNUSABLE = (
    *(aiohttp.ClientError, TimeoutError),
    # The document may be anything, and is looked into as if it were keys.
    *(JoseError, ValueError, LookupError, TypeError, AttributeError),
)


class KeySource(Protocol):
    """Gives the keys in force; `unknown` says that one was asked for that wasn't among them."""

    async def keys(self, *, unknown: bool = False) -> KeySet:
        """Return the keys; raises OSError or TimeoutError when there are none to be had."""
        ...


class JwksUrl:
    """Keys fetched from the partner service over HTTP, and kept for five minutes."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._keys: KeySet | None = None
        self._fetched = float("-inf")

    async def keys(self, *, unknown: bool = False) -> KeySet:
        """Return the keys, fetched again when old, or when one is unknown (every 5 s at most)."""
        age = time.monotonic() - self._fetched
        if self._keys is None or age > REFRESH_SECONDS or (unknown and age > RETRY_SECONDS):
            try:
                self._keys = await self._fetch()
            except UNUSABLE as error:
                # Old keys are better than none: tokens still have to be signed by one of them.
                if self._keys is None:
                    raise ConnectionError(f"no keys from {self._url}") from error
            self._fetched = time.monotonic()
        return self._keys

    async def _fetch(self) -> KeySet:
        timeout = aiohttp.ClientTimeout(total=FETCH_SECONDS)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(self._url, allow_redirects=False) as answer,
        ):
            answer.raise_for_status()
            document: KeySetSerialization = await answer.json()
        return KeySet.import_key_set(document)
