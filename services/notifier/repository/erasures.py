"""Erasing: which events name a person, and what of them is taken out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import RowMapping, TextClause, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifier.domain.erasure import Erased, Erasure, ErasureStatus, names_one
from services.notifier.domain.message import Message
from services.notifier.repository import suppressions
from services.notifier.tables import erasures

_OWN = tuple(name for name in Erasure.__slots__ if name != "erased")
_COUNTS = tuple(Erased.__slots__)

# The text itself is searched, not some of its members: a name in a note is found as well.
_LOOK = text("""
WITH part AS MATERIALIZED (
    SELECT event_id, position, data FROM messages
    WHERE position > :position ORDER BY position LIMIT :batch
)
SELECT max(position) AS position, count(*) AS looked,
       json_agg(json_build_array(event_id, data)) FILTER (
           WHERE EXISTS (
               SELECT FROM unnest(CAST(:keys AS text[])) AS key
               WHERE position(key IN lower(data)) > 0
           )
       ) AS found
FROM part
""")
_ERASE = text("""
UPDATE messages SET data = erased.data, vin = NULL
FROM unnest(CAST(:ids AS text[]), CAST(:datas AS text[])) AS erased (event_id, data)
WHERE messages.event_id = erased.event_id
""")
# What is told of a quote, an order or a booking later has its customer in it again. An account or a
# workshop is told of as it is.
_SUBJECTS = text("""
INSERT INTO erased_subjects (subject)
SELECT DISTINCT subject FROM messages
WHERE event_id = ANY (:ids) AND split_part(type, '.', 1) NOT IN ('partner', 'workshop')
ON CONFLICT DO NOTHING
""")
_CANCEL = text("""
WITH held AS (
    SELECT id FROM deliveries WHERE event_id = ANY (:ids) AND status = 'queued'
    ORDER BY id FOR NO KEY UPDATE
)
UPDATE deliveries d SET status = 'canceled', finished_at = :now
FROM held WHERE d.id = held.id
""")
_DELIVERIES = text("SELECT count(*) FROM deliveries WHERE event_id = ANY (:ids)")
_ANSWERS = text("""
UPDATE attempts SET answer = ''
WHERE answer <> '' AND delivery_id IN (SELECT id FROM deliveries WHERE event_id = ANY (:ids))
""")
_MAILS = """
UPDATE emails
SET recipient = NULL, error = NULL, lease = NULL,
    status = CASE status WHEN 'queued' THEN 'erased' ELSE status END,
    finished_at = coalesce(finished_at, :now), erased = true
WHERE NOT erased AND {which} RETURNING channel
"""
_MAILS_ABOUT = text(_MAILS.format(which="event_id = ANY (:ids)"))
_MAILS_TO = text(_MAILS.format(which="lower(recipient) = ANY (:keys)"))
_PARKED = text("""
DELETE FROM parked WHERE EXISTS (
    SELECT FROM unnest(CAST(:keys AS text[])) AS key
    WHERE position(key IN lower(encode(value, 'escape'))) > 0
)
""")
# Answers that are kept for `Idempotency-Key`: a notification's has the address that it was about.
_ANSWERED = text("""
DELETE FROM idempotency_keys WHERE EXISTS (
    SELECT FROM unnest(CAST(:keys AS text[])) AS key
    WHERE position(key IN lower(encode(body, 'escape'))) > 0
)
""")
_REPLAYS = text("""
UPDATE replays SET vin = 'erased'
WHERE vin IN (SELECT vin FROM messages WHERE event_id = ANY (:ids))
""")


async def add(connection: AsyncConnection, erasure: Erasure) -> None:
    """Begin one."""
    await connection.execute(insert(erasures).values(**_row(erasure)))


async def find(connection: AsyncConnection, erasure_id: str) -> Erasure | None:
    """Find one."""
    statement = select(erasures).where(erasures.c.id == erasure_id)
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else _erasure(row)


async def page(connection: AsyncConnection, *, before: str | None, limit: int) -> list[Erasure]:
    """List them, newest first."""
    statement = select(erasures).order_by(erasures.c.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(erasures.c.id < before)
    return [_erasure(row) for row in (await connection.execute(statement)).mappings()]


async def running(connection: AsyncConnection) -> Erasure | None:
    """Hold the oldest that is at work; several workers never hold the same."""
    statement = (
        select(erasures)
        .where(erasures.c.status == ErasureStatus.RUNNING)
        .order_by(erasures.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else _erasure(row)


async def look(
    connection: AsyncConnection, keys: Sequence[str], position: int, batch: int
) -> tuple[int, list[tuple[str, str]], bool]:
    """Look through a batch after a position: up to where, what names a key, and whether it ended.

    `keys` are in lower case.
    """
    named = {"position": position, "batch": batch, "keys": list(keys)}
    row = (await connection.execute(_LOOK, named)).one()
    found = [
        (event_id, data)
        for event_id, data in row.found or ()
        if names_one(orjson.loads(data), keys)
    ]
    return row.position or position, found, row.looked < batch


async def erase(
    connection: AsyncConnection, events: Sequence[tuple[str, str]], now: datetime
) -> Erased:
    """Put what stays in place of events' data, and take their receivers' answers away."""
    ids = [event_id for event_id, _ in events]
    named = {"ids": ids, "datas": [data for _, data in events]}
    await connection.execute(_CANCEL, {"ids": ids, "now": now})
    replays = await connection.execute(_REPLAYS, {"ids": ids})
    await connection.execute(_SUBJECTS, {"ids": ids})
    await connection.execute(_ERASE, named)
    attempts = await connection.execute(_ANSWERS, {"ids": ids})
    emails, texts = await _erase_mails(connection, _MAILS_ABOUT, {"ids": ids, "now": now})
    return Erased(
        messages=len(ids),
        deliveries=int(await connection.scalar(_DELIVERIES, {"ids": ids}) or 0),
        attempts=attempts.rowcount,
        emails=emails,
        texts=texts,
        replays=replays.rowcount,
    )


async def erase_late(connection: AsyncConnection, message: Message) -> None:
    """Put what stays in place of an event that was just stored; what follows it goes as well."""
    await connection.execute(_SUBJECTS, {"ids": [message.event_id]})
    await connection.execute(_ERASE, {"ids": [message.event_id], "datas": [message.data]})


async def erase_by_address(
    connection: AsyncConnection, keys: Sequence[str], now: datetime
) -> Erased:
    """Take out what isn't found by an event's data: mails to an address, and parked events."""
    named = {"keys": list(keys), "now": now}
    emails, texts = await _erase_mails(connection, _MAILS_TO, named)
    await suppressions.forget(connection, keys)
    await connection.execute(_ANSWERED, {"keys": list(keys)})
    parked = await connection.execute(_PARKED, {"keys": list(keys)})
    return Erased(emails=emails, texts=texts, parked=parked.rowcount)


async def save(connection: AsyncConnection, erasure: Erasure) -> None:
    """Save how far it got."""
    await connection.execute(
        update(erasures).where(erasures.c.id == erasure.id).values(**_row(erasure))
    )


async def _erase_mails(
    connection: AsyncConnection, which: TextClause, named: Mapping[str, Any]
) -> tuple[int, int]:
    channels = (await connection.execute(which, named)).scalars().all()
    return channels.count("mail"), channels.count("text")


def _row(erasure: Erasure) -> dict[str, Any]:
    own = {name: getattr(erasure, name) for name in _OWN}
    return own | asdict(erasure.erased) | {"keys": list(erasure.keys)}


def _erasure(row: RowMapping) -> Erasure:
    own: dict[str, Any] = {name: row[name] for name in _OWN}
    own |= {"keys": tuple(row["keys"]), "status": ErasureStatus(row["status"])}
    return Erasure(**own, erased=Erased(**{name: row[name] for name in _COUNTS}))
