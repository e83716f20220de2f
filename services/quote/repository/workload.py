"""What workshops have to do, as the order service told."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.quote.tables.projections import workloads


async def waiting(connection: AsyncConnection, workshop_id: str | None) -> timedelta:
    """Sum the work of a workshop's open orders; none of no workshop in particular."""
    if workshop_id is None:
        return timedelta()
    query = select(func.sum(workloads.c.work)).where(
        workloads.c.workshop_id == workshop_id, workloads.c.open
    )
    return await connection.scalar(query) or timedelta()


async def keep(
    connection: AsyncConnection,
    order_id: str,
    workshop_id: str,
    *,
    is_open: bool,
    work: timedelta,
    sequence: int,
) -> None:
    """Keep an order's work, unless what is kept is newer."""
    row = {"workshop_id": workshop_id, "open": is_open, "work": work, "sequence": sequence}
    await connection.execute(
        insert(workloads)
        .values(order_id=order_id, **row)
        .on_conflict_do_update(
            index_elements=["order_id"], set_=row, where=workloads.c.sequence < sequence
        )
    )
