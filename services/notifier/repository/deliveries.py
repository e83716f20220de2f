"""Deliveries, as their owner sees them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifier.domain.delivery import Delivery, DeliveryStatus
from services.notifier.domain.message import Message
from services.notifier.tables import deliveries
from shared.ids import new_id

_FIELDS = tuple(Delivery.__slots__)

_CANCEL = text("""
UPDATE deliveries SET status = 'canceled', lease = NULL, finished_at = :now
WHERE endpoint_id = :endpoint_id AND status = 'queued'
""")


async def queue(
    connection: AsyncConnection, message: Message, to: Iterable[tuple[str, str]], now: datetime
) -> list[str]:
    """Queue an event for endpoints (with their accounts), once for each; return the new ids."""
    rows = [
        {
            "id": new_id("dlv"),
            "partner_id": partner_id,
            "endpoint_id": endpoint_id,
            "event_id": message.event_id,
            "event_type": message.type,
            "status": DeliveryStatus.QUEUED,
            "due_at": now,
            "created_at": now,
        }
        for endpoint_id, partner_id in to
    ]
    if not rows:
        return []
    statement = insert(deliveries).values(rows).on_conflict_do_nothing(constraint="deliveries_once")
    return list((await connection.execute(statement.returning(deliveries.c.id))).scalars())


async def cancel_queued(connection: AsyncConnection, endpoint_id: str, now: datetime) -> None:
    """Give up all that is queued for an endpoint, what is in flight included."""
    await connection.execute(_CANCEL, {"endpoint_id": endpoint_id, "now": now})


async def find(
    connection: AsyncConnection, delivery_id: str, partner_id: str | None
) -> RowMapping | None:
    """Find a delivery of this account (of any, when it is None)."""
    statement = select(deliveries).where(deliveries.c.id == delivery_id)
    if partner_id is not None:
        statement = statement.where(deliveries.c.partner_id == partner_id)
    return (await connection.execute(statement)).mappings().one_or_none()


async def hold(connection: AsyncConnection, delivery_id: str) -> RowMapping:
    """Load a delivery and hold it until the transaction ends."""
    statement = select(deliveries).where(deliveries.c.id == delivery_id).with_for_update()
    return (await connection.execute(statement)).mappings().one()


async def page(
    connection: AsyncConnection,
    endpoint_id: str,
    *,
    status: DeliveryStatus | None,
    before: str | None,
    limit: int,
) -> Sequence[RowMapping]:
    """List an endpoint's deliveries, newest first."""
    statement = (
        select(deliveries)
        .where(deliveries.c.endpoint_id == endpoint_id)
        .order_by(deliveries.c.id.desc())
        .limit(limit)
    )
    if status is not None:
        statement = statement.where(deliveries.c.status == status)
    if before is not None:
        statement = statement.where(deliveries.c.id < before)
    return (await connection.execute(statement)).mappings().all()


async def save(connection: AsyncConnection, delivery: Delivery) -> None:
    """Save a delivery, and let go of its lease."""
    values: dict[str, Any] = {name: getattr(delivery, name) for name in _FIELDS}
    await connection.execute(
        update(deliveries).where(deliveries.c.id == delivery.id).values(**values, lease=None)
    )


def delivery_from(row: RowMapping) -> Delivery:
    """Read a delivery's row."""
    values = {name: row[name] for name in _FIELDS}
    return Delivery(**values | {"status": DeliveryStatus(row["status"])})
