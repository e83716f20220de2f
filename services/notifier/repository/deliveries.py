"""Deliveries, as their owner sees them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifier.domain.delivery import Delivery, DeliveryStatus, Sent
from services.notifier.domain.message import Message
from services.notifier.tables import deliveries
from shared.ids import new_id

_FIELDS = tuple(Delivery.__slots__)
_CHANGING = (
    "status", "due_at", "attempts", "failures", "last_status", "sequence", "finished_at",
)  # fmt: skip

_QUEUE = text("""
INSERT INTO deliveries (id, endpoint_id, partner_id, event_id, event_type, status, due_at,
                        created_at)
SELECT id, endpoint_id, partner_id, :event_id, :event_type, 'queued', :now, :now
FROM unnest(CAST(:ids AS text[]), CAST(:endpoint_ids AS text[]), CAST(:partner_ids AS text[]))
     AS new (id, endpoint_id, partner_id)
ON CONFLICT (endpoint_id, event_id, replay_id) DO NOTHING RETURNING id
""")
_SETTLE = text("""
WITH tried AS (
    INSERT INTO attempts (id, delivery_id, started_at, duration_ms, status, error, answer)
    VALUES (:attempt_id, :id, :started_at, :duration_ms, :answer_status, :error, :answer)
)
UPDATE deliveries
SET status = :status, due_at = :due_at, attempts = :attempts, failures = :failures,
    last_status = :last_status, sequence = :sequence, finished_at = :finished_at, lease = NULL
WHERE id = :id AND lease = :lease
""")
_CANCEL = text("""
UPDATE deliveries SET status = 'canceled', lease = NULL, finished_at = :now
WHERE endpoint_id = :endpoint_id AND status = 'queued'
""")


async def queue(
    connection: AsyncConnection, message: Message, to: Sequence[tuple[str, str]], now: datetime
) -> list[str]:
    """Queue an event for endpoints (with their accounts), once for each; return the new ids."""
    if not to:
        return []
    queued = await connection.execute(
        _QUEUE,
        {
            "ids": [new_id("dlv") for _ in to],
            "endpoint_ids": [endpoint_id for endpoint_id, _ in to],
            "partner_ids": [partner_id for _, partner_id in to],
            "event_id": message.event_id,
            "event_type": message.type,
            "now": now,
        },
    )
    return list(queued.scalars())


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


async def settle(
    connection: AsyncConnection,
    delivery: Delivery,
    lease: uuid.UUID,
    started_at: datetime,
    sent: Sent,
) -> bool:
    """Keep an attempt, whatever became of the lease, and the result if it still holds; tell."""
    settled = await connection.execute(
        _SETTLE,
        {
            **{name: getattr(delivery, name) for name in _CHANGING},
            "id": delivery.id,
            "lease": lease,
            "attempt_id": new_id("atp"),
            "started_at": started_at,
            "duration_ms": sent.duration_ms,
            "answer_status": sent.status,
            "error": sent.error,
            "answer": sent.answer,
        },
    )
    return settled.rowcount == 1


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
