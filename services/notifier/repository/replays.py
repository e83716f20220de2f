"""Replays: what is chosen, and how far each got."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifier.domain.replay import Chosen, Replay, ReplayStatus, StoppedReason
from services.notifier.repository.choosing import narrowed, positions
from services.notifier.tables import deliveries, replays
from shared.ids import new_id

_CHOICE = tuple(Chosen.__slots__)
_OWN = tuple(name for name in Replay.__slots__ if name != "chosen")
_CHANGING = ("status", "reason", "queued", "position", "due_at", "finished_at")

_COUNT = """
SELECT count(*) AS total, coalesce(max(position), 0) AS last FROM ({chosen}) AS counted
"""
_FIRST = """
SELECT m.event_id, m.type, m.subject, m.sequence, m.time
FROM ({chosen}) AS first JOIN messages m ON m.position = first.position ORDER BY m.position
"""
_QUEUE = """
WITH next AS (
    SELECT m.event_id, m.type, m.position, e.partner_id, m.sequence,
           CASE WHEN e.ordered THEN :replay_id || ' ' || m.subject END AS ordering_key
    FROM ({chosen}) AS first JOIN messages m ON m.position = first.position
    JOIN endpoints e ON e.id = :endpoint_id
), named AS (
    SELECT *, row_number() OVER (ORDER BY position) AS place FROM next
), queued AS (
    INSERT INTO deliveries (id, endpoint_id, partner_id, event_id, event_type, replay_id, status,
                            due_at, created_at, ordering_key, ordering_sequence)
    SELECT (CAST(:ids AS text[]))[place], :endpoint_id, partner_id, event_id, type, :replay_id,
           'queued', :now, :now, ordering_key,
           CASE WHEN ordering_key IS NOT NULL THEN sequence END
    FROM named ORDER BY place
)
SELECT count(*) AS queued, max(position) AS position FROM named
"""
_CANCEL = text("""
WITH held AS (
    SELECT id FROM deliveries WHERE replay_id = :replay_id AND status = 'queued'
    ORDER BY id FOR NO KEY UPDATE
)
UPDATE deliveries d SET status = 'canceled', finished_at = :now
FROM held WHERE d.id = held.id
""")


async def count(
    connection: AsyncConnection, endpoint_id: str, chosen: Chosen, most: int
) -> tuple[int, int]:
    """Count what is chosen, up to `most`, and find the position of the last of it."""
    conditions, named = narrowed(chosen)
    statement = text(_COUNT.format(chosen=positions(conditions, most="most")))
    row = (
        await connection.execute(statement, {**named, "endpoint_id": endpoint_id, "most": most})
    ).one()
    return row.total, row.last


async def first(
    connection: AsyncConnection, endpoint_id: str, chosen: Chosen, shown: int
) -> Sequence[RowMapping]:
    """List the first of what is chosen, in the order of their receipt."""
    conditions, named = narrowed(chosen)
    statement = text(_FIRST.format(chosen=positions(conditions, most="shown")))
    rows = await connection.execute(
        statement, {**named, "endpoint_id": endpoint_id, "shown": shown}
    )
    return rows.mappings().all()


async def add(connection: AsyncConnection, replay: Replay) -> None:
    """Begin a replay."""
    own = {name: getattr(replay, name) for name in _OWN}
    choice = {name: getattr(replay.chosen, name) for name in _CHOICE}
    if choice["types"] is not None:
        choice["types"] = list(choice["types"])
    await connection.execute(insert(replays).values(**own, **choice))


async def find(
    connection: AsyncConnection, replay_id: str, partner_id: str | None, *, lock: bool = False
) -> Replay | None:
    """Find a replay of this account (of any, when it is None), and hold it if asked."""
    statement = select(replays).where(replays.c.id == replay_id)
    if partner_id is not None:
        statement = statement.where(replays.c.partner_id == partner_id)
    if lock:
        statement = statement.with_for_update()
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else _replay(row)


async def running(connection: AsyncConnection, endpoint_id: str) -> str | None:
    """Name the replay that an endpoint gets now, if any."""
    found: str | None = await connection.scalar(
        select(replays.c.id).where(
            replays.c.endpoint_id == endpoint_id, replays.c.status == ReplayStatus.RUNNING
        )
    )
    return found


async def page(
    connection: AsyncConnection, endpoint_id: str, *, before: str | None, limit: int
) -> list[Replay]:
    """List an endpoint's replays, newest first."""
    statement = (
        select(replays)
        .where(replays.c.endpoint_id == endpoint_id)
        .order_by(replays.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(replays.c.id < before)
    return [_replay(row) for row in (await connection.execute(statement)).mappings()]


async def due(connection: AsyncConnection, now: datetime) -> Replay | None:
    """Hold the replay that has waited longest; several workers never hold the same."""
    statement = (
        select(replays)
        .where(replays.c.status == ReplayStatus.RUNNING, replays.c.due_at <= now)
        .order_by(replays.c.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else _replay(row)


async def outstanding(connection: AsyncConnection, replay_id: str) -> int:
    """Count what was queued and neither taken nor given up."""
    statement = select(func.count()).where(
        deliveries.c.replay_id == replay_id, deliveries.c.status == "queued"
    )
    return int(await connection.scalar(statement) or 0)


async def came_to(connection: AsyncConnection, replay_id: str) -> dict[str, int]:
    """Count a replay's deliveries by their status."""
    statement = (
        select(deliveries.c.status, func.count().label("number"))
        .where(deliveries.c.replay_id == replay_id)
        .group_by(deliveries.c.status)
    )
    return {row.status: row.number for row in await connection.execute(statement)}


async def queue_next(
    connection: AsyncConnection, replay: Replay, room: int, now: datetime
) -> tuple[int, int]:
    """Queue the next events, so many at the most; return how many, and the last one's position."""
    conditions, named = narrowed(replay.chosen)
    conditions += " AND m.position > :position AND m.position <= :until_position"
    statement = text(_QUEUE.format(chosen=positions(conditions, most="room")))
    asked: dict[str, Any] = {
        **named,
        "endpoint_id": replay.endpoint_id,
        "replay_id": replay.id,
        "position": replay.position,
        "until_position": replay.until_position,
        "room": room,
        "ids": [new_id("dlv") for _ in range(room)],
        "now": now,
    }
    row = (await connection.execute(statement, asked)).one()
    return row.queued, row.position or replay.until_position


async def save(connection: AsyncConnection, replay: Replay) -> None:
    """Save how far it got."""
    values = {name: getattr(replay, name) for name in _CHANGING}
    await connection.execute(update(replays).where(replays.c.id == replay.id).values(**values))


async def cancel_queued(connection: AsyncConnection, replay_id: str, now: datetime) -> None:
    """Give up what it queued and nobody took."""
    await connection.execute(_CANCEL, {"replay_id": replay_id, "now": now})


def _replay(row: RowMapping) -> Replay:
    choice = {name: row[name] for name in _CHOICE}
    if choice["types"] is not None:
        choice["types"] = tuple(choice["types"])
    own: dict[str, Any] = {name: row[name] for name in _OWN}
    own["status"] = ReplayStatus(row["status"])
    own["reason"] = row["reason"] and StoppedReason(row["reason"])
    return Replay(chosen=Chosen(**choice), **own)
