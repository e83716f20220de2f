"""Deliveries, as their owner sees them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter

import asyncpg
from sqlalchemy import RowMapping, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifier.domain.deadline import deadline_of
from services.notifier.domain.delivery import Delivery, DeliveryStatus
from services.notifier.domain.message import Message
from services.notifier.tables import deliveries, messages
from shared.ids import new_id
from shared.statements import Prepared

_rest = itemgetter(*Delivery._fields[2:])

ABOUT = select(
    deliveries, messages.c.subject, messages.c.sequence.label("event_sequence")
).join_from(deliveries, messages, messages.c.event_id == deliveries.c.event_id)
"""Deliveries with what their events are about."""

COLUMNS = """id, endpoint_id, partner_id, event_id, event_type, status, due_at, created_at,
             ordering_key, ordering_sequence, expires_at"""
_QUEUE = Prepared(
    text(f"""
INSERT INTO deliveries ({COLUMNS})
SELECT new.id, e.id, e.partner_id, :event_id, :event_type, 'queued', :now, :now,
       CASE WHEN by_subject THEN CAST(:subject AS text) END,
       CASE WHEN by_subject THEN CAST(:sequence AS bigint) END, :expires_at
FROM unnest(CAST(:ids AS text[]), CAST(:endpoint_ids AS text[])) AS new (id, endpoint_id)
JOIN endpoints e ON e.id = new.endpoint_id
CROSS JOIN LATERAL (SELECT (e.ordered OR e.delivery = 'latest') AND NOT :test AS by_subject) terms
ON CONFLICT (endpoint_id, event_id, replay_id) DO NOTHING RETURNING deliveries.*
""")  # noqa: S608 - our own columns
)
CANCELED_AT_ONCE = 5_000
"""How many deliveries one transaction gives up: each event for their endpoint waits for it."""

# In the order of their ids, as by whoever settles them: the two never wait for one another.
_CANCEL = text("""
WITH next AS MATERIALIZED (
    SELECT id FROM deliveries WHERE endpoint_id = :endpoint_id AND status = 'queued'
    ORDER BY due_at, id LIMIT :most
), held AS (
    SELECT d.id FROM deliveries d JOIN next ON next.id = d.id WHERE d.status = 'queued'
    ORDER BY d.id FOR NO KEY UPDATE OF d
)
UPDATE deliveries d SET status = 'canceled', finished_at = :now
FROM held WHERE d.id = held.id
""")

_DISABLED_WITH_ANY = text("""
SELECT e.id FROM endpoints e
WHERE (e.status = 'disabled'
       OR EXISTS (SELECT FROM partners p WHERE p.id = e.partner_id AND NOT p.active))
  AND EXISTS (SELECT FROM deliveries d WHERE d.endpoint_id = e.id AND d.status = 'queued')
LIMIT 1 FOR SHARE OF e SKIP LOCKED
""")


async def queue(
    connection: AsyncConnection, message: Message, to: Sequence[str], now: datetime
) -> list[Delivery]:
    """Queue an event for endpoints, once for each; return what is new."""
    if not to:
        return []
    queued = await _QUEUE.rows(
        connection,
        {
            "ids": [new_id("dlv") for _ in to],
            "endpoint_ids": list(to),
            "event_id": message.event_id,
            "event_type": message.type,
            "subject": message.subject,
            "sequence": message.sequence,
            "test": message.test,
            "expires_at": deadline_of(message.type, message.time),
            "now": now,
        },
    )
    return [delivery_from(row) for row in queued]


async def cancel_queued(connection: AsyncConnection, endpoint_id: str, now: datetime) -> int:
    """Give up what is queued for an endpoint, what is in flight included; return how many.

    5,000 at the most: whatever is left of a disabled one, `Canceling` gives up.
    """
    named = {"endpoint_id": endpoint_id, "now": now, "most": CANCELED_AT_ONCE}
    return int((await connection.execute(_CANCEL, named)).rowcount)


async def disabled_with_any(connection: AsyncConnection) -> str | None:
    """Name an endpoint, disabled or of a closed account, that something is queued for.

    It stays disabled until the transaction ends.
    """
    found: str | None = await connection.scalar(_DISABLED_WITH_ANY)
    return found


async def find(
    connection: AsyncConnection, delivery_id: str, partner_id: str | None
) -> RowMapping | None:
    """Find a delivery of this account (of any, when it is None)."""
    statement = ABOUT.where(deliveries.c.id == delivery_id)
    if partner_id is not None:
        statement = statement.where(deliveries.c.partner_id == partner_id)
    return (await connection.execute(statement)).mappings().one_or_none()


async def hold(connection: AsyncConnection, delivery_id: str) -> RowMapping:
    """Load a delivery and hold it until the transaction ends."""
    statement = ABOUT.where(deliveries.c.id == delivery_id).with_for_update(of=deliveries)
    return (await connection.execute(statement)).mappings().one()


async def save(connection: AsyncConnection, delivery: Delivery) -> None:
    """Save a delivery."""
    await connection.execute(
        update(deliveries).where(deliveries.c.id == delivery.id).values(**delivery._asdict())
    )


def delivery_from(row: RowMapping | asyncpg.Record) -> Delivery:
    """Read a delivery's row."""
    return Delivery(row["id"], DeliveryStatus(row["status"]), *_rest(row))
