"""What came of attempts, many in one statement."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifier.domain.delivery import Delivery, Sent
from shared.ids import new_id
from shared.statements import Prepared

# Attempts are kept whatever became of the lane, results only while it is the worker's. So is what
# a receiver said: it may repeat what was erased meanwhile, and what is erased is queued no more.
# The rows are held in the order of their ids, as by whoever cancels them. Each is looked up by its
# id (OFFSET keeps the index of what is queued out of that), and nothing is joined to a list. The
# planner takes a list for ten rows, and what is queued for as many as there were when it last
# looked, and would compare all with all.
_OURS = """CROSS JOIN LATERAL (
        SELECT d.status, d.endpoint_id FROM deliveries d WHERE d.id = done.id
        OFFSET 0 FOR NO KEY UPDATE
    ) d
    WHERE d.status = 'queued'
      AND (d.endpoint_id IN (SELECT endpoint_id FROM lanes WHERE worker_id = :worker)) IS TRUE"""
_TRIED = """tried AS (
    INSERT INTO attempts (id, delivery_id, started_at, duration_ms, status, error, answer)
    SELECT t.id, t.delivery_id, t.started_at, t.duration_ms, t.status, t.error,
           CASE WHEN t.delivery_id IN (SELECT held.id FROM held) THEN t.answer ELSE '' END
    FROM unnest(
        CAST(:attempt_ids AS text[]), CAST(:tried_ids AS text[]),
        CAST(:started_at AS timestamptz[]), CAST(:durations AS int[]),
        CAST(:answer_statuses AS smallint[]), CAST(:errors AS text[]), CAST(:answers AS bytea[])
    ) AS t (id, delivery_id, started_at, duration_ms, status, error, answer)
    WHERE EXISTS (SELECT FROM deliveries d WHERE d.id = t.delivery_id)
)"""

# What is the same for all that was taken isn't given for each: a list costs the driver more than
# most else that is done for a delivery.
_DELIVER = Prepared(
    text(f"""
WITH held AS (
    SELECT done.* FROM (
        SELECT * FROM unnest(
            CAST(:tried_ids AS text[]), CAST(:answer_statuses AS smallint[])
        ) AS done (id, status) ORDER BY id
    ) done {_OURS}
), {_TRIED}, delivered AS (
    UPDATE deliveries d
    SET status = 'delivered', attempts = d.attempts + 1, last_status = held.status,
        finished_at = :now
    FROM held WHERE d.id = held.id RETURNING d.id
)
SELECT count(*) AS counted FROM delivered
""")  # noqa: S608 - our own conditions
)
_SETTLE = Prepared(
    text(f"""
WITH held AS (
    SELECT done.* FROM (
        SELECT * FROM unnest(
            CAST(:ids AS text[]), CAST(:statuses AS text[]), CAST(:due_at AS timestamptz[]),
            CAST(:attempts AS int[]), CAST(:failures AS int[]), CAST(:last_statuses AS smallint[]),
            CAST(:sequences AS bigint[]), CAST(:finished_at AS timestamptz[])
        ) AS done (id, status, due_at, attempts, failures, last_status, sequence, finished_at)
        ORDER BY id
    ) done {_OURS}
), {_TRIED}
UPDATE deliveries d
SET status = held.status, due_at = held.due_at, attempts = held.attempts,
    failures = held.failures, last_status = held.last_status, sequence = held.sequence,
    finished_at = held.finished_at
FROM held WHERE d.id = held.id RETURNING d.id
""")  # noqa: S608 - our own conditions
)


class Tried(NamedTuple):
    """An attempt: when it began, and what it came to."""

    started_at: datetime
    sent: Sent


@dataclass(frozen=True, slots=True)
class Outcome:
    """A delivery as it stands now; `tried` is None where nothing was sent."""

    delivery: Delivery
    tried: Tried | None


async def deliver(
    connection: AsyncConnection,
    worker: uuid.UUID,
    taken: Sequence[tuple[str, Tried]],
    now: datetime,
) -> int:
    """Keep that deliveries, by their ids, were taken; return of how many that counted."""
    rows = await _DELIVER.rows(connection, {"worker": worker, "now": now, **_lists(taken)})
    return int(rows[0]["counted"])


async def settle(
    connection: AsyncConnection, worker: uuid.UUID, outcomes: Sequence[Outcome]
) -> set[str]:
    """Keep what came of deliveries; return the ids of those that counted."""
    deliveries = [outcome.delivery for outcome in outcomes]
    rows = await _SETTLE.rows(
        connection,
        {
            "worker": worker,
            "ids": [each.id for each in deliveries],
            "statuses": [each.status for each in deliveries],
            "due_at": [each.due_at for each in deliveries],
            "attempts": [each.attempts for each in deliveries],
            "failures": [each.failures for each in deliveries],
            "last_statuses": [each.last_status for each in deliveries],
            "sequences": [each.sequence for each in deliveries],
            "finished_at": [each.finished_at for each in deliveries],
            **_lists([(each.delivery.id, each.tried) for each in outcomes if each.tried]),
        },
    )
    return {row["id"] for row in rows}


def _lists(attempts: Sequence[tuple[str, Tried]]) -> dict[str, list[Any]]:
    return {
        "attempt_ids": [new_id("atp") for _ in attempts],
        "tried_ids": [delivery_id for delivery_id, _ in attempts],
        "started_at": [tried.started_at for _, tried in attempts],
        "durations": [tried.sent.duration_ms for _, tried in attempts],
        "answer_statuses": [tried.sent.status for _, tried in attempts],
        "errors": [tried.sent.error for _, tried in attempts],
        "answers": [tried.sent.answer for _, tried in attempts],
    }
