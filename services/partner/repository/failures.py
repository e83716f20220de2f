"""Counts failed authentications."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import case, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.partner.domain.throttle import WINDOW, Failures
from services.partner.tables import failures


async def of(connection: AsyncConnection, client_id: str) -> Failures | None:
    """Load a client's failures."""
    query = select(failures.c.since, failures.c.count).where(failures.c.client_id == client_id)
    row = (await connection.execute(query)).one_or_none()
    return Failures(*row) if row else None


async def count(connection: AsyncConnection, client_id: str, now: datetime) -> None:
    """Count one more, in a new window when the last one is over."""
    over = failures.c.since < now - WINDOW
    new = insert(failures).values(client_id=client_id, since=now, count=1)
    await connection.execute(
        new.on_conflict_do_update(
            index_elements=["client_id"],
            set_={
                "since": case((over, now), else_=failures.c.since),
                "count": case((over, 1), else_=failures.c.count + 1),
            },
        )
    )


async def forget(connection: AsyncConnection, now: datetime) -> int:
    """Delete what no longer counts."""
    old = delete(failures).where(failures.c.since < now - WINDOW)
    return (await connection.execute(old)).rowcount
