"""Counts what visitors of the booking page try."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import case, delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.booking.domain.visitor import WINDOW, Deed
from services.booking.tables.page_tries import page_tries


async def count(
    connection: AsyncConnection, visitor: bytes, deed: Deed, now: datetime
) -> tuple[int, datetime]:
    """Count one try more, in a new window when the last is over; returns how many since when."""
    over = page_tries.c.since <= now - WINDOW
    new = insert(page_tries).values(visitor=visitor, what=deed, since=now, count=1)
    counted = new.on_conflict_do_update(
        index_elements=["visitor", "what"],
        set_={
            "since": case((over, now), else_=page_tries.c.since),
            "count": case((over, 1), else_=page_tries.c.count + 1),
        },
    ).returning(page_tries.c.count, page_tries.c.since)
    tries, since = (await connection.execute(counted)).one()
    return tries, since


async def forget(connection: AsyncConnection, now: datetime) -> int:
    """Delete what no longer counts."""
    old = delete(page_tries).where(page_tries.c.since <= now - WINDOW)
    return (await connection.execute(old)).rowcount
