"""What came of each attempt."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifier.tables import attempts

SHOWN = 100


async def of_delivery(connection: AsyncConnection, delivery_id: str) -> Sequence[RowMapping]:
    """List a delivery's attempts, oldest first; the last hundred of them."""
    newest = (
        select(attempts)
        .where(attempts.c.delivery_id == delivery_id)
        .order_by(attempts.c.id.desc())
        .limit(SHOWN)
    )
    return list(reversed((await connection.execute(newest)).mappings().all()))
