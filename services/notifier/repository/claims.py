"""Which deliveries a worker takes: those that are due, as far as their endpoints' windows go."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifier.domain.delivery import Delivery
from services.notifier.domain.message import Message
from services.notifier.repository.deliveries import delivery_from
from services.notifier.repository.endpoints import SealedSecrets

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
RETURNING d.id, d.partner_id, d.endpoint_id, d.event_id, d.event_type, d.status, d.due_at,
          d.attempts, d.failures, d.last_status, d.finished_at, d.sequence, d.replay_id,
          e.url, e.method, e.headers, e.secret, e.former_secret, e.former_secret_until,
          m.time, m.subject, m.sequence AS event_sequence, m.data, m.test,
          m.partner_id AS event_partner_id, m.workshop_id
""")


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this worker alone sends, until its lease ends."""

    delivery: Delivery
    lease: uuid.UUID
    url: str
    method: str
    secrets: SealedSecrets
    message: Message
    headers: bytes | None = None


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
            delivery=delivery_from(row),
            lease=token,
            url=row["url"],
            method=row["method"],
            secrets=SealedSecrets(row["secret"], row["former_secret"], row["former_secret_until"]),
            message=Message(
                event_id=row["event_id"],
                type=row["event_type"],
                subject=row["subject"],
                sequence=row["event_sequence"],
                partner_id=row["event_partner_id"],
                workshop_id=row["workshop_id"],
                time=row["time"],
                data=row["data"],
                test=row["test"],
            ),
            headers=row["headers"],
        )
        for row in rows.mappings()
    ]
