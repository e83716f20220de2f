"""Stopping a process at a chosen statement, from the database's side: it waits there for a lock."""

from __future__ import annotations

import asyncpg

from infra.waiting import eventually

WAITS = """
SELECT count(*) FROM pg_locks AS asked JOIN pg_stat_activity AS who USING (pid)
WHERE NOT asked.granted AND asked.relation = $1::regclass AND who.query LIKE $2
"""


class Hold:
    """Keeps others from writing a table, or locking rows of it, until it is left."""

    def __init__(self, dsn: str, table: str) -> None:
        self._dsn = dsn
        self._table = table

    async def __aenter__(self) -> Hold:
        self._connection = await asyncpg.connect(self._dsn)
        await self._connection.execute("BEGIN")
        await self._connection.execute(f"LOCK TABLE {self._table} IN EXCLUSIVE MODE")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.release()

    async def release(self) -> None:
        """Let go, before the block ends or with it."""
        await self._connection.close()

    async def until_waited_for(self, statement: str) -> None:
        """Return once somebody's statement, by a LIKE pattern, waits for the table."""

        async def waits() -> bool:
            # A transaction sees who does what as it was at its first look.
            await self._connection.execute("SELECT pg_stat_clear_snapshot()")
            return bool(await self._connection.fetchval(WAITS, self._table, statement))

        await eventually(waits)
