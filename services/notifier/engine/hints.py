"""Hints to other processes that something was queued for lanes of theirs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from typing import Any

import asyncpg

from shared.worker import Worker

CHANNEL = "notifier_queued"
POLL_SECONDS = 1.0
CONNECT_SECONDS = 5
STATEMENT_SECONDS = 5
IDS_AT_ONCE = 100
"""So many ids are far below the 8,000 bytes that a notification may have."""


class Hints:
    """Tells by `NOTIFY` what a look would find a second later; so one may be lost.

    After the commit, many at once and on a connection of its own: in the transactions that queue,
    it would have them commit one after the other.
    """

    def __init__(self, dsn: str, heard: Callable[[Sequence[str]], None]) -> None:
        self._dsn = dsn
        self._heard = heard
        self._untold: set[str] = set()
        self._connection: asyncpg.Connection[Any] | None = None
        self._worker = Worker("hints", self._work, every=POLL_SECONDS)

    async def start(self) -> None:
        """Begin to listen, and to tell."""
        await self._worker.start()

    async def stop(self) -> None:
        """Tell and hear no more."""
        await self._worker.stop()
        if self._connection is not None:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await self._connection.close(timeout=CONNECT_SECONDS)

    def tell(self, endpoint_ids: Collection[str]) -> None:
        """Tell whoever has these lanes; nobody, while the database can't be reached."""
        if endpoint_ids and self._connection is not None and not self._connection.is_closed():
            self._untold.update(endpoint_ids)
            self._worker.wake()

    async def _work(self) -> int:
        connection = await self._connected()
        while self._untold:
            some = [self._untold.pop() for _ in range(min(len(self._untold), IDS_AT_ONCE))]
            await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, " ".join(some))
        return 0

    async def _connected(self) -> asyncpg.Connection[Any]:
        if self._connection is None or self._connection.is_closed():
            self._untold.clear()
            self._connection = connection = await asyncpg.connect(
                self._dsn,
                timeout=CONNECT_SECONDS,
                command_timeout=STATEMENT_SECONDS,
                server_settings={"synchronous_commit": "off"},
            )
            await connection.add_listener(CHANNEL, self._hear)
        return self._connection

    def _hear(self, connection: object, teller: int, _: str, payload: object) -> None:
        mine = self._connection is None or teller == self._connection.get_server_pid()
        if not mine:
            self._heard(str(payload).split())
