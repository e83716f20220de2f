"""The keys that access tokens are signed with: in the database, encrypted, and rotated."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from joserfc.jwk import ECKey, KeyParameters, KeySet
from sqlalchemy.exc import SQLAlchemyError

from services.partner.repository import keys as stored
from services.partner.repository.keys import StoredKey
from shared.database import Database, Transaction
from shared.idempotency import Answer, Once
from shared.ids import new_id

REMEMBER_SECONDS = 60.0
PUBLISH_SECONDS = 1.0
UNKNOWN_SECONDS = 5.0
"""How old the ring may be: to sign, to be published, and when a token names a key not in it."""

ANNOUNCE = timedelta(minutes=5)
"""A key is published for so long before it signs: as long as the published keys may be cached."""

OVERLAP = timedelta(days=1)
"""Longer than any access token lives: what a retired key signed can still be verified."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made, and when it begins to sign."""

    kid: str
    signs_from: datetime


class KeysUnreadable(RuntimeError):
    """SIGNING_KEYS_PASSWORD isn't the one that the stored keys were encrypted under."""


class Keyring:
    """Signs by one key, and shows the public halves of all in force (a KeySource and a Part)."""

    def __init__(self, database: Database, password: str) -> None:
        self._database = database
        self._password = password
        self._ring: list[tuple[StoredKey, ECKey]] = []
        self._read_at = float("-inf")

    async def start(self) -> None:
        """Read the keys, or make the first; raises KeysUnreadable."""
        try:
            await self._read()
        except (SQLAlchemyError, OSError) as error:
            log.warning("keys.unread", error=repr(error))

    async def stop(self) -> None:
        """Nothing runs here: what drains can still be checked and signed."""

    async def ready(self) -> bool:
        """Tell whether there is a key to sign by; looks again when there was none."""
        if not self._ring:
            await self.start()
        return bool(self._ring)

    async def keys(self, *, unknown: bool = False) -> KeySet:
        """Return the keys in force, for verification."""
        return await self._set(UNKNOWN_SECONDS if unknown else REMEMBER_SECONDS)

    async def published(self) -> KeySet:
        """Return the keys in force, for everyone: a new one is there from the next second on."""
        return await self._set(PUBLISH_SECONDS)

    async def signing_key(self) -> ECKey:
        """Return the newest key that was announced for long enough, or else the oldest."""
        ring = await self._current(REMEMBER_SECONDS)
        announced = self._database.clock.now() - ANNOUNCE
        return next((key for row, key in ring if row.created_at <= announced), ring[-1][1])

    async def rotate(self, once: Once[NewKey]) -> Answer:
        """Make a new key, which signs when it was announced; the others retire after that."""
        async with self._database.transaction() as work:
            if answer := await once.replayed(work):
                return answer
            await stored.lock(work.connection)
            key = await self._make(work)
            new = NewKey(key.id, work.now + ANNOUNCE)
            await stored.retire_others(work.connection, key.id, new.signs_from + OVERLAP)
            answer = await once.answer(work, new)
        self._read_at = float("-inf")
        return answer

    async def _set(self, max_age: float) -> KeySet:
        return KeySet([key for _, key in await self._current(max_age)])

    async def _current(self, max_age: float) -> list[tuple[StoredKey, ECKey]]:
        if time.monotonic() - self._read_at > max_age:
            await self._read()
        return self._ring

    async def _read(self) -> None:
        async with self._database.transaction() as work:
            found = await stored.in_force(work.connection, work.now)
            if not found:
                await stored.lock(work.connection)
                # Another process may have made one while this one waited.
                found = await stored.in_force(work.connection, work.now)
            found = found or [await self._make(work)]
        opened = {row.id: key for row, key in self._ring}
        self._ring = [(row, opened.get(row.id) or self._opened(row)) for row in found]
        self._read_at = time.monotonic()

    async def _make(self, work: Transaction) -> StoredKey:
        drawn = ECKey.generate_key("P-256")
        pem = drawn.as_pem(private=True, password=self._password).decode()
        key = StoredKey(new_id("key"), pem, work.now, None)
        await stored.add(work.connection, key)
        return key

    def _opened(self, row: StoredKey) -> ECKey:
        named: KeyParameters = {"kid": row.id, "use": "sig", "alg": "ES256"}
        try:
            return ECKey.import_key(row.private_pem, named, password=self._password)
        except ValueError as error:
            raise KeysUnreadable(f"signing_keys_password doesn't open the key {row.id}") from error
