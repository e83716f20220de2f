"""Which deliveries a worker takes: those that are due, as far as their endpoints' windows go."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifier.domain.message import Message
from services.notifier.repository.endpoints import SealedSecrets
from services.notifier.repository.messages import message_from

# A lease moves `due_at` to its end: what a killed worker held comes due again by itself. An
# endpoint that fails gets one at a time, so that one that hangs holds no more than that.
_CLAIM = text("""
WITH due AS (
    SELECT picked.id
    FROM endpoints e
    CROSS JOIN LATERAL (
        SELECT d.id, d.due_at FROM deliveries d
        WHERE d.endpoint_id = e.id AND d.status = 'queued' AND d.due_at <= :now
        ORDER BY d.due_at, d.id
        LIMIT greatest(0, CASE WHEN e.failing_since IS NULL THEN :window ELSE 1 END - (
            SELECT count(*) FROM deliveries flying
            WHERE flying.endpoint_id = e.id AND flying.lease IS NOT NULL AND flying.due_at > :now
        ))
        FOR UPDATE SKIP LOCKED
    ) picked
    WHERE e.status = 'enabled'
    ORDER BY picked.due_at
    LIMIT :slots
)
UPDATE deliveries d SET lease = :lease, due_at = :until
FROM due, endpoints e, messages m
WHERE d.id = due.id AND e.id = d.endpoint_id AND m.event_id = d.event_id
RETURNING d.id AS delivery_id, d.endpoint_id, e.url, e.method, e.secret, e.former_secret,
          e.former_secret_until, m.event_id, m.type, m.subject, m.sequence, m.partner_id,
          m.workshop_id, m.time, m.data, m.test
""")


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this worker alone sends, until its lease ends."""

    delivery_id: str
    endpoint_id: str
    lease: uuid.UUID
    url: str
    method: str
    secrets: SealedSecrets
    message: Message


async def claim(
    connection: AsyncConnection, *, now: datetime, lease: timedelta, window: int, slots: int
) -> Sequence[Claimed]:
    """Take what is due, so many at the most; several workers never take the same."""
    token = uuid.uuid4()
    rows = await connection.execute(
        _CLAIM,
        {"now": now, "until": now + lease, "lease": token, "window": window, "slots": slots},
    )
    return [
        Claimed(
            delivery_id=row["delivery_id"],
            endpoint_id=row["endpoint_id"],
            lease=token,
            url=row["url"],
            method=row["method"],
            secrets=SealedSecrets(row["secret"], row["former_secret"], row["former_secret_until"]),
            message=message_from(row),
        )
        for row in rows.mappings()
    ]
