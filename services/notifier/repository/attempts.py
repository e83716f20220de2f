"""What came of each attempt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifier.domain.delivery import Sent
from services.notifier.tables import attempts
from shared.ids import new_id

SHOWN = 100


async def add(
    connection: AsyncConnection, delivery_id: str, started_at: datetime, sent: Sent
) -> None:
    """Keep an attempt."""
    await connection.execute(
        insert(attempts).values(
            id=new_id("atp"),
            delivery_id=delivery_id,
            started_at=started_at,
            duration_ms=sent.duration_ms,
            status=sent.status,
            error=sent.error,
            answer=sent.answer,
        )
    )


async def of_delivery(connection: AsyncConnection, delivery_id: str) -> Sequence[RowMapping]:
    """List a delivery's attempts, oldest first; the last hundred of them."""
    newest = (
        select(attempts)
        .where(attempts.c.delivery_id == delivery_id)
        .order_by(attempts.c.id.desc())
        .limit(SHOWN)
    )
    return list(reversed((await connection.execute(newest)).mappings().all()))
