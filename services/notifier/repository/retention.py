"""What is older than it must be kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

BATCH = 500

_OLD = text("""
SELECT event_id FROM messages m
WHERE received_at < :before
  AND NOT EXISTS (SELECT FROM deliveries d WHERE d.event_id = m.event_id AND d.status = 'queued')
  AND NOT EXISTS (SELECT FROM emails e WHERE e.event_id = m.event_id AND e.status = 'queued')
ORDER BY received_at LIMIT :batch
""")
_FORGET = [
    text("DELETE FROM deliveries WHERE event_id = ANY (:ids)"),
    text("DELETE FROM emails WHERE event_id = ANY (:ids)"),
    text("DELETE FROM messages WHERE event_id = ANY (:ids)"),
]
_OLD_REPLAYS = text("""
DELETE FROM replays r WHERE r.finished_at < :before
  AND NOT EXISTS (SELECT FROM deliveries d WHERE d.replay_id = r.id)
""")


async def forget(connection: AsyncConnection, before: datetime) -> int:
    """Delete a batch of events received before a moment, with all that came of them."""
    ids = list((await connection.execute(_OLD, {"before": before, "batch": BATCH})).scalars())
    for step in _FORGET if ids else []:
        await connection.execute(step, {"ids": ids})
    await connection.execute(_OLD_REPLAYS, {"before": before})
    return len(ids)
