"""Every event as it was received, in that order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

import asyncpg
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifier.domain.message import Message
from shared.statements import Prepared

_COLUMNS = ", ".join(Message._fields)
_values = itemgetter(*Message._fields)

# Positions are drawn one transaction at a time, so that they become visible in their order: who
# reads up to a position has missed nothing below it.
_IN_ORDER = Prepared(text("SELECT pg_advisory_xact_lock(hashtextextended('notifier.messages', 0))"))
KEEP = f"""
INSERT INTO messages ({_COLUMNS}, received_at)
VALUES (:event_id, :type, :subject, :sequence, :partner_id, :workshop_id, :time, :data, :test,
        :vin, :received_at)
RETURNING EXISTS (
    SELECT FROM erased_subjects e WHERE e.subject = ANY (CAST(:about AS text[]))
) AS erased
"""  # noqa: S608 - our own columns
_KEEP = Prepared(text(KEEP))
_OF_WORKSHOP = text(f"""
SELECT {_COLUMNS}, received_at FROM messages
WHERE workshop_id = :workshop_id AND NOT test ORDER BY position
""")  # noqa: S608 - our own columns
_OF_IDS = Prepared(
    text(f"SELECT {_COLUMNS} FROM messages WHERE event_id = ANY (:event_ids)")  # noqa: S608 - our own columns
)
_POSITION_OF_ANY = "SELECT position FROM messages WHERE NOT test AND event_id = :event_id"
_POSITION = text(f"""{_POSITION_OF_ANY} AND (partner_id = :partner_id
     OR workshop_id IN (SELECT id FROM workshops WHERE partner_id = :partner_id))
""")  # noqa: S608 - our own condition
_ALL = text(f"""
SELECT {_COLUMNS} FROM messages WHERE NOT test AND position > :after
ORDER BY position LIMIT :limit
""")  # noqa: S608 - our own columns
# As one condition with OR, these would read everybody's events for those of one account.
_OWN = text(f"""
SELECT {_COLUMNS} FROM messages JOIN (
    (SELECT position FROM messages
     WHERE partner_id = :partner_id AND NOT test AND position > :after
     ORDER BY position LIMIT :limit)
    UNION
    (SELECT there.position FROM workshops w CROSS JOIN LATERAL (
         SELECT m.position FROM messages m
         WHERE m.workshop_id = w.id AND NOT m.test AND m.position > :after
         ORDER BY m.position LIMIT :limit
     ) there WHERE w.partner_id = :partner_id)
    ORDER BY position LIMIT :limit
) own USING (position) ORDER BY position
""")  # noqa: S608 - our own columns


def message_from(row: RowMapping | asyncpg.Record) -> Message:
    """Read a row that has a message's columns."""
    return Message._make(_values(row))


async def take_turn(connection: AsyncConnection) -> None:
    """Wait for all that are storing an event, and have others wait for this transaction."""
    await _IN_ORDER.rows(connection, {})


def kept(message: Message, received_at: datetime, about: Sequence[str]) -> dict[str, Any]:
    """Say what `KEEP` is given of an event; `about` names its subjects."""
    return {**message._asdict(), "received_at": received_at, "about": list(about)}


async def keep_test(connection: AsyncConnection, message: Message, now: datetime) -> None:
    """Keep what a test delivery tells of: it has no place among the events."""
    await _KEEP.rows(connection, kept(message, now, ()))


async def of_workshop(
    connection: AsyncConnection, workshop_id: str
) -> Sequence[tuple[Message, datetime]]:
    """List what was received about a workshop, and when, oldest first."""
    rows = await connection.execute(_OF_WORKSHOP, {"workshop_id": workshop_id})
    return [(message_from(row), row["received_at"]) for row in rows.mappings()]


async def of_ids(connection: AsyncConnection, event_ids: Sequence[str]) -> Sequence[Message]:
    """Load events by their ids."""
    rows = await _OF_IDS.rows(connection, {"event_ids": list(event_ids)})
    return [message_from(row) for row in rows]


async def position_of(
    connection: AsyncConnection, event_id: str, partner_id: str | None
) -> int | None:
    """Find the place of an event that an account may see (any may, when it is None)."""
    if partner_id is None:
        statement, named = text(_POSITION_OF_ANY), {"event_id": event_id}
    else:
        statement, named = _POSITION, {"event_id": event_id, "partner_id": partner_id}
    found: int | None = await connection.scalar(statement, named)
    return found


async def find(
    connection: AsyncConnection, event_id: str, partner_id: str | None
) -> Message | None:
    """Load an event that an account may see (any may, when it is None)."""
    if await position_of(connection, event_id, partner_id) is None:
        return None
    return next(iter(await of_ids(connection, [event_id])), None)


async def page(
    connection: AsyncConnection, partner_id: str | None, *, after: int, limit: int
) -> Sequence[Message]:
    """List an account's events after a position, in order; all accounts' when it is None."""
    named: dict[str, Any] = {"after": after, "limit": limit}
    if partner_id is None:
        rows = await connection.execute(_ALL, named)
    else:
        rows = await connection.execute(_OWN, named | {"partner_id": partner_id})
    return [message_from(row) for row in rows.mappings()]
