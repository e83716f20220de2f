"""What an endpoint should have been told of, and wasn't."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifier.repository.choosing import positions

_OF_THE_TIME = positions("""
AND m.received_at >= :since AND m.received_at < :until AND m.received_at >= e.created_at
AND m.subject > :after
""")
# An event counts as told once any delivery of it was taken, a replay's included, or a newer state
# was told in its place. Its deliveries are looked up event by event: of a join that it takes to be
# small, the planner reads all deliveries for each event.
_GAPS = text(f"""
SELECT m.subject,
       json_agg(json_build_object(
           'event_id', m.event_id, 'type', m.type, 'sequence', m.sequence,
           'delivery_id', own.id, 'status', own.status
       ) ORDER BY m.position) AS missing
FROM ({_OF_THE_TIME}) AS told
JOIN messages m ON m.position = told.position
CROSS JOIN LATERAL (
    SELECT max(d.id) FILTER (WHERE d.replay_id IS NULL) AS id,
           max(d.status) FILTER (WHERE d.replay_id IS NULL) AS status,
           bool_or(d.status = 'delivered' OR d.replay_id IS NULL AND d.status = 'superseded')
               AS is_told
    FROM deliveries d
    WHERE d.event_id = m.event_id AND d.endpoint_id = :endpoint_id
) own
WHERE own.is_told IS NOT TRUE
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
