"""How an endpoint does: counted from the rows of its deliveries and attempts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import RowMapping, TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

MOST_ATTEMPTS = 100_000

_DELIVERIES = text("""
SELECT count(*) FILTER (WHERE status = 'queued') AS queued,
       count(*) FILTER (WHERE status = 'delivered') AS delivered,
       count(*) FILTER (WHERE status = 'exhausted') AS exhausted,
       count(*) FILTER (WHERE status = 'canceled') AS canceled,
       count(*) FILTER (WHERE status = 'superseded') AS superseded,
       count(*) FILTER (WHERE status = 'expired') AS expired
FROM (
    SELECT status FROM deliveries
    WHERE endpoint_id = :endpoint_id AND id >= :first AND created_at >= :since
    ORDER BY id DESC LIMIT :most
) AS counted
""")
# By the newest deliveries, and their attempts since then: bounded however busy it is, or was.
_ATTEMPTS = text("""
SELECT count(*) AS attempts,
       count(*) FILTER (WHERE status BETWEEN 200 AND 299) AS taken,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY duration_ms) AS p50_ms,
       percentile_disc(0.95) WITHIN GROUP (ORDER BY duration_ms) AS p95_ms
FROM (
    SELECT a.status, a.duration_ms
    FROM (
        SELECT id FROM deliveries
        WHERE endpoint_id = :endpoint_id AND id >= :first
          AND (finished_at IS NULL OR finished_at >= :since)
        ORDER BY id DESC LIMIT :most
    ) AS d
    JOIN attempts a ON a.delivery_id = d.id
    WHERE a.started_at >= :since
    LIMIT :most
) AS counted
""")


async def deliveries_since(
    connection: AsyncConnection, endpoint_id: str, since: datetime, *, first: str
) -> RowMapping:
    """Count deliveries that were made since then, by status; the newest 100,000 of them.

    `first` is where their ids begin.
    """
    return await _one(connection, _DELIVERIES, endpoint_id, since, first)


async def attempts_since(
    connection: AsyncConnection, endpoint_id: str, since: datetime, *, first: str
) -> RowMapping:
    """Count attempts since then, and say how long they took; 100,000 at the most.

    `first` is where the ids of the deliveries begin whose attempts count.
    """
    return await _one(connection, _ATTEMPTS, endpoint_id, since, first)


async def _one(
    connection: AsyncConnection,
    statement: TextClause,
    endpoint_id: str,
    since: datetime,
    first: str,
) -> RowMapping:
    named = {"endpoint_id": endpoint_id, "since": since, "first": first, "most": MOST_ATTEMPTS}
    return (await connection.execute(statement, named)).mappings().one()
