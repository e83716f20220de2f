"""What an endpoint should have been told of, and wasn't."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifier.repository.choosing import FOR_ENDPOINT

# An event counts as told once any delivery of it was taken, a replay's included, or a newer state
# was told in its place.
_GAPS = text(f"""
SELECT m.subject,
       json_agg(json_build_object(
           'event_id', m.event_id, 'type', m.type, 'sequence', m.sequence,
           'delivery_id', d.id, 'status', d.status
       ) ORDER BY m.position) AS missing
FROM messages m
JOIN endpoints e ON e.id = :endpoint_id
LEFT JOIN deliveries d ON d.endpoint_id = e.id AND d.event_id = m.event_id AND d.replay_id IS NULL
WHERE {FOR_ENDPOINT}
  AND m.received_at >= :since AND m.received_at < :until AND m.received_at >= e.created_at
  AND coalesce(d.status, '') NOT IN ('delivered', 'superseded')
  AND NOT EXISTS (
      SELECT FROM deliveries again
      WHERE again.endpoint_id = e.id AND again.event_id = m.event_id
        AND again.status = 'delivered'
  )
  AND m.subject > :after
GROUP BY m.subject ORDER BY m.subject LIMIT :limit
""")  # noqa: S608 - our own condition


async def page(
    connection: AsyncConnection,
    endpoint_id: str,
    *,
    since: datetime,
    until: datetime,
    after: str,
    limit: int,
) -> Sequence[RowMapping]:
    """List the subjects of which something wasn't delivered, with what that is."""
    named = {
        "endpoint_id": endpoint_id,
        "since": since,
        "until": until,
        "after": after,
        "limit": limit,
    }
    return (await connection.execute(_GAPS, named)).mappings().all()
