"""Workers, and the endpoints that each alone sends to: their lanes.

A worker lives until its lease ends, by the database's clock: the one that all of them share. When
it doesn't renew it in time, another one removes it, and its lanes with it.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.statements import Prepared

_ENLIST = text("INSERT INTO workers VALUES (:worker, clock_timestamp() + :lease)")
_RENEW = text("""
UPDATE workers SET alive_until = clock_timestamp() + :lease WHERE id = :worker RETURNING id
""")
_LEAVE = text("DELETE FROM workers WHERE id = :worker")
_BURY = text("DELETE FROM workers WHERE alive_until < clock_timestamp() RETURNING id")
# So long a lease was written before the clock was set back. Whoever lives renews it well before.
_SHORTEN = text("""
UPDATE workers SET alive_until = clock_timestamp() + CAST(:lease AS interval)
WHERE alive_until > clock_timestamp() + CAST(:lease AS interval) * 2
""")
# Nobody waits for whoever is taking a lane in a long transaction: it is as good as taken.
_TAKE = Prepared(
    text("""
WITH me AS (SELECT id FROM workers WHERE id = :worker FOR KEY SHARE)
INSERT INTO lanes (endpoint_id, worker_id)
SELECT wanted.id, me.id FROM unnest(CAST(:endpoint_ids AS text[])) AS wanted (id), me
WHERE pg_try_advisory_xact_lock(hashtextextended('notifier.lanes ' || wanted.id, 0))
ON CONFLICT DO NOTHING RETURNING endpoint_id
""")
)
_GIVE_BACK = text("""
DELETE FROM lanes WHERE worker_id = :worker AND endpoint_id = ANY (:endpoint_ids)
""")
# What others send to is theirs to find. Not as a join: how many lanes there are is a guess.
_NOT_OF_OTHERS = """
(due.endpoint_id IN (SELECT endpoint_id FROM lanes WHERE worker_id <> :worker)) IS NOT TRUE
"""
# Only what came due since the last look: flat, however much is queued.
_CAME_DUE = text(f"""
SELECT endpoint_id FROM (
    SELECT DISTINCT endpoint_id FROM deliveries
    WHERE status = 'queued' AND due_at > :since AND due_at <= :now
) due
WHERE {_NOT_OF_OTHERS}
""")  # noqa: S608 - our own condition
_OLDEST_DUE = text("""
SELECT coalesce(extract(epoch FROM CAST(:now AS timestamptz) - min(due_at)), 0) FROM deliveries
WHERE status = 'queued' AND due_at <= :now
""")
# From one endpoint with anything queued to the next: as many steps as there are of those.
_OWED = text(f"""
WITH RECURSIVE owed AS (
    (SELECT endpoint_id FROM deliveries WHERE status = 'queued' ORDER BY endpoint_id LIMIT 1)
    UNION ALL
    SELECT (SELECT d.endpoint_id FROM deliveries d
            WHERE d.status = 'queued' AND d.endpoint_id > owed.endpoint_id
            ORDER BY d.endpoint_id LIMIT 1)
    FROM owed WHERE owed.endpoint_id IS NOT NULL
)
SELECT due.endpoint_id FROM owed AS due
WHERE {_NOT_OF_OTHERS}
  AND (SELECT d.due_at <= :now FROM deliveries d
       WHERE d.endpoint_id = due.endpoint_id AND d.status = 'queued'
       ORDER BY d.due_at LIMIT 1)
""")  # noqa: S608 - our own condition


async def enlist(connection: AsyncConnection, worker: uuid.UUID, lease: timedelta) -> None:
    """Begin as a worker that holds no lane yet."""
    await connection.execute(_ENLIST, {"worker": worker, "lease": lease})


async def renew(connection: AsyncConnection, worker: uuid.UUID, lease: timedelta) -> bool:
    """Live on for the length of a lease from now; tell whether it wasn't too late."""
    renewed = await connection.execute(_RENEW, {"worker": worker, "lease": lease})
    return renewed.first() is not None


async def leave(connection: AsyncConnection, worker: uuid.UUID) -> None:
    """End as a worker, and give all lanes back."""
    await connection.execute(_LEAVE, {"worker": worker})


async def bury(connection: AsyncConnection, lease: timedelta) -> int:
    """Remove workers whose lease ended, so that their lanes are anybody's; return how many."""
    await connection.execute(_SHORTEN, {"lease": lease})
    return len((await connection.execute(_BURY)).all())


async def take(
    connection: AsyncConnection, worker: uuid.UUID, endpoint_ids: Collection[str]
) -> Sequence[str]:
    """Take the lanes of these endpoints that nobody has; return which those are."""
    named = {"worker": worker, "endpoint_ids": list(endpoint_ids)}
    return [row["endpoint_id"] for row in await _TAKE.rows(connection, named)]


async def give_back(
    connection: AsyncConnection, worker: uuid.UUID, endpoint_ids: Collection[str]
) -> None:
    """Let others have these lanes."""
    await connection.execute(_GIVE_BACK, {"worker": worker, "endpoint_ids": list(endpoint_ids)})


async def came_due(
    connection: AsyncConnection, worker: uuid.UUID, *, since: datetime, now: datetime
) -> Sequence[str]:
    """List the endpoints to which something came due after one moment, up to another.

    Here and below without those whose lanes others have.
    """
    named = {"worker": worker, "since": since, "now": now}
    return (await connection.execute(_CAME_DUE, named)).scalars().all()


async def owed(connection: AsyncConnection, worker: uuid.UUID, now: datetime) -> Sequence[str]:
    """List all endpoints to which anything is due."""
    return (await connection.execute(_OWED, {"worker": worker, "now": now})).scalars().all()


async def oldest_due(connection: AsyncConnection, now: datetime) -> float:
    """Say for how many seconds the oldest delivery that is due has been; 0 for none."""
    return float(await connection.scalar(_OLDEST_DUE, {"now": now}) or 0)
