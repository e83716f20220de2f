"""Which deliveries are sent next: of endpoints whose lane a worker holds, so that nobody else does.

Nothing is written for that: what a worker has in hand it knows by itself, and if it dies, its
deliveries are still queued.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifier.domain.delivery import Delivery
from services.notifier.repository.deliveries import delivery_from
from shared.statements import Prepared

_COLUMNS = """d.id, d.partner_id, d.endpoint_id, d.event_id, d.event_type, d.status, d.due_at,
    d.attempts, d.failures, d.last_status, d.finished_at, d.sequence, d.replay_id,
    d.ordering_key, d.ordering_sequence, d.expires_at"""

# From where the last look ended: a queue's beginning is full of rows that are done. What is held is
# selected from, as that makes a hash table of it once: an array would be searched for each row.
_NEXT = Prepared(
    text(f"""
SELECT found.* FROM unnest(
    CAST(:endpoint_ids AS text[]), CAST(:limits AS int[]), CAST(:all_of_them AS boolean[]),
    CAST(:after_due AS timestamptz[]), CAST(:after_id AS text[])
) AS lane (endpoint_id, most, all_of_them, after_due, after_id)
CROSS JOIN LATERAL (
    SELECT {_COLUMNS} FROM deliveries d
    WHERE d.endpoint_id = lane.endpoint_id AND d.status = 'queued' AND d.due_at <= :now
      AND (d.due_at, d.id) > (lane.after_due, lane.after_id)
      AND (lane.all_of_them OR d.ordering_key IS NULL)
      AND d.id NOT IN (SELECT unnest(CAST(:held AS text[])))
    ORDER BY d.due_at, d.id LIMIT lane.most
) found
""")  # noqa: S608 - our own columns
)

_DUE = """WITH due AS (
    SELECT DISTINCT ordering_key FROM (
        SELECT ordering_key FROM deliveries
        WHERE endpoint_id = :endpoint_id AND status = 'queued' AND due_at <= :now
          AND ordering_key <> ALL (:busy)
        ORDER BY due_at, id LIMIT :most
    ) found
"""

# All that is queued of a subject, which OFFSET has looked up subject by subject: as a join, it
# would read all of the endpoint's queue.
_OF_SUBJECT = """
    SELECT d.id, d.due_at, d.ordering_sequence FROM deliveries d
    WHERE d.endpoint_id = :endpoint_id AND d.status = 'queued'
      AND d.ordering_key = heads.ordering_key
    ORDER BY d.ordering_sequence, d.id OFFSET 0 FOR NO KEY UPDATE
"""

# A subject's first one; while that waits for its retry, what is behind it waits as long.
_FIRST = text(f"""{_DUE}), heads AS (
    SELECT head.* FROM due CROSS JOIN LATERAL (
        SELECT id, ordering_key, due_at FROM deliveries d
        WHERE d.endpoint_id = :endpoint_id AND d.status = 'queued'
          AND d.ordering_key = due.ordering_key
        ORDER BY d.ordering_sequence, d.id LIMIT 1
    ) head
), waiting AS (
    UPDATE deliveries d SET due_at = behind.until FROM (
        SELECT own.id, heads.due_at AS until FROM heads CROSS JOIN LATERAL ({_OF_SUBJECT}) own
        WHERE heads.due_at > :now AND own.due_at <= :now
    ) behind WHERE d.id = behind.id
)
SELECT {_COLUMNS} FROM heads JOIN deliveries d ON d.id = heads.id
WHERE heads.due_at <= :now ORDER BY d.due_at, d.id
""")  # noqa: S608 - our own columns

# A subject's last one, in place of all before it.
_LAST = text(f"""{_DUE}), heads AS (
    SELECT head.* FROM due CROSS JOIN LATERAL (
        SELECT id, ordering_key, ordering_sequence, due_at FROM deliveries d
        WHERE d.endpoint_id = :endpoint_id AND d.status = 'queued'
          AND d.ordering_key = due.ordering_key
        ORDER BY d.ordering_sequence DESC, d.id DESC LIMIT 1
    ) head
), superseded AS (
    UPDATE deliveries d SET status = 'superseded', finished_at = :now FROM (
        SELECT own.id FROM heads CROSS JOIN LATERAL ({_OF_SUBJECT}) own
        WHERE (own.ordering_sequence, own.id) < (heads.ordering_sequence, heads.id)
    ) before WHERE d.id = before.id
)
SELECT {_COLUMNS} FROM heads JOIN deliveries d ON d.id = heads.id
WHERE heads.due_at <= :now ORDER BY d.due_at, d.id
""")  # noqa: S608 - our own columns

# What never failed and isn't due stands behind one of its subject that a look found to be later;
# brought forward with no need, it waits again. In the order of their ids, as by whoever settles or
# cancels them.
_BRING_FORWARD = text("""
WITH held AS (
    SELECT id FROM deliveries d
    WHERE status = 'queued' AND due_at > :now AND (
        created_at > :now OR failures = 0
        OR EXISTS (SELECT FROM attempts a WHERE a.delivery_id = d.id AND a.started_at > :now)
    )
    ORDER BY id FOR NO KEY UPDATE
)
UPDATE deliveries d SET due_at = :now FROM held WHERE d.id = held.id
""")

Place = tuple[datetime, str]
"""How far a lane was looked through: a delivery's `due_at` and id."""


@dataclass(frozen=True, slots=True)
class Look:
    """How many of an endpoint's deliveries to find, and from where on."""

    endpoint_id: str
    most: int
    after: Place
    all_of_them: bool


async def next_of(
    connection: AsyncConnection, looks: Sequence[Look], held: Collection[str], now: datetime
) -> dict[str, list[Delivery]]:
    """Find what is due to several endpoints, leaving out what is in hand."""
    found = await _NEXT.rows(
        connection,
        {
            "endpoint_ids": [look.endpoint_id for look in looks],
            "limits": [look.most for look in looks],
            "all_of_them": [look.all_of_them for look in looks],
            "after_due": [look.after[0] for look in looks],
            "after_id": [look.after[1] for look in looks],
            "held": list(held),
            "now": now,
        },
    )
    deliveries = [delivery_from(row) for row in found]
    by_endpoint = groupby(deliveries, key=lambda each: each.endpoint_id)
    return {endpoint_id: list(theirs) for endpoint_id, theirs in by_endpoint}


async def next_subjects(
    connection: AsyncConnection,
    endpoint_id: str,
    *,
    busy: Collection[str],
    most: int,
    latest: bool,
    now: datetime,
) -> list[Delivery]:
    """Find the first (or the latest) delivery of each subject that isn't busy.

    The rest of such a subject waits for the first one, or is superseded by the latest.
    """
    named = {"endpoint_id": endpoint_id, "busy": list(busy), "most": most, "now": now}
    rows = await connection.execute(_LAST if latest else _FIRST, named)
    return [delivery_from(row) for row in rows.mappings()]


async def bring_forward(connection: AsyncConnection, now: datetime) -> int:
    """Make due what was queued, or tried last, by a clock that was ahead; return how many."""
    return int((await connection.execute(_BRING_FORWARD, {"now": now})).rowcount)
