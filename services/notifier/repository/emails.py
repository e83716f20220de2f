"""Mails: one an event at most, claimed before it is sent."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifier.domain.message import Message
from services.notifier.repository.messages import message_from
from shared.ids import new_id

_QUEUE = text("""
INSERT INTO emails (id, event_id, recipient, status, due_at, created_at)
VALUES (:id, :event_id, :recipient, 'queued', :now, :now)
ON CONFLICT (event_id) DO NOTHING
""")
_CLAIM = text("""
WITH due AS (
    SELECT id FROM emails WHERE status = 'queued' AND due_at <= :now
    ORDER BY due_at, id LIMIT :limit FOR UPDATE SKIP LOCKED
)
UPDATE emails mail SET lease = :lease, due_at = :until, attempts = mail.attempts + 1
FROM due, messages m LEFT JOIN partners p ON p.id = m.partner_id
WHERE mail.id = due.id AND m.event_id = mail.event_id
RETURNING mail.id AS email_id, mail.attempts, coalesce(mail.recipient, p.email) AS recipient,
          p.name AS partner_name, m.event_id, m.type, m.subject, m.sequence, m.partner_id,
          m.workshop_id, m.time, m.data, m.test, m.vin
""")
_SETTLE = text("""
UPDATE emails SET status = :status, due_at = :due_at, lease = NULL, error = :error,
                  finished_at = :finished_at
WHERE id = :id AND lease = :lease
""")


@dataclass(frozen=True, slots=True)
class ClaimedEmail:
    """A mail that this worker alone sends, until its lease ends; `attempts` counts this one."""

    id: str
    lease: uuid.UUID
    attempts: int
    recipient: str | None
    partner_name: str | None
    message: Message


async def queue(
    connection: AsyncConnection, event_id: str, recipient: str | None, now: datetime
) -> None:
    """Queue the mail of an event; without a recipient it goes to the account's own address."""
    await connection.execute(
        _QUEUE, {"id": new_id("eml"), "event_id": event_id, "recipient": recipient, "now": now}
    )


async def claim(
    connection: AsyncConnection, *, now: datetime, lease: timedelta, limit: int
) -> Sequence[ClaimedEmail]:
    """Take what is due; several workers never take the same."""
    token = uuid.uuid4()
    rows = await connection.execute(
        _CLAIM, {"now": now, "until": now + lease, "lease": token, "limit": limit}
    )
    return [
        ClaimedEmail(
            id=row["email_id"],
            lease=token,
            attempts=row["attempts"],
            recipient=row["recipient"],
            partner_name=row["partner_name"],
            message=message_from(row),
        )
        for row in rows.mappings()
    ]


async def sent(connection: AsyncConnection, email: ClaimedEmail, now: datetime) -> None:
    """Note that the mail server took it."""
    await _settle(connection, email, "sent", due_at=now, error=None, finished_at=now)


async def postponed(
    connection: AsyncConnection, email: ClaimedEmail, due_at: datetime, error: str
) -> None:
    """Note when it is tried again, and why it has to be."""
    await _settle(connection, email, "queued", due_at=due_at, error=error, finished_at=None)


async def failed(
    connection: AsyncConnection, email: ClaimedEmail, now: datetime, error: str
) -> None:
    """Note that it is given up."""
    await _settle(connection, email, "failed", due_at=now, error=error, finished_at=now)


async def _settle(
    connection: AsyncConnection,
    email: ClaimedEmail,
    status: str,
    *,
    due_at: datetime,
    error: str | None,
    finished_at: datetime | None,
) -> None:
    await connection.execute(
        _SETTLE,
        {
            "id": email.id,
            "lease": email.lease,
            "status": status,
            "due_at": due_at,
            "error": error,
            "finished_at": finished_at,
        },
    )
