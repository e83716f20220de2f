"""Forgets what no longer matters."""

from __future__ import annotations

from services.partner.repository import failures, keys, refreshes
from shared.database import Database


async def forget(database: Database) -> int:
    """Delete ended token families, old failures and retired keys; returns 0: no hurry."""
    async with database.transaction() as work:
        await refreshes.forget(work.connection, work.now)
        await failures.forget(work.connection, work.now)
        await keys.forget(work.connection, work.now)
    return 0
