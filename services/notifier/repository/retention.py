"""What is older than it must be kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

BATCH = 500

# The oldest of all, in the order of their receipt: however much is old, a batch reads a batch. What
# is still owed is passed by; `IS NOT TRUE` keeps the planner from joining all that is queued.
_OLD = text("""
WITH oldest AS MATERIALIZED (
    SELECT m.event_id, m.received_at FROM messages m
    WHERE EXISTS (
        SELECT FROM deliveries d WHERE d.event_id = m.event_id AND d.status = 'queued'
    ) IS NOT TRUE AND EXISTS (
        SELECT FROM emails e WHERE e.event_id = m.event_id AND e.status = 'queued'
    ) IS NOT TRUE
    ORDER BY m.position LIMIT :batch
)
SELECT event_id FROM oldest WHERE received_at < :before
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
