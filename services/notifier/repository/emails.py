"""Mails and text messages: one of each an event at most, claimed before it is sent."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifier.domain.brand import Brand
from services.notifier.domain.mailing import UNSUBSCRIBABLE
from services.notifier.domain.message import Message
from services.notifier.repository.messages import message_from

LATELY = timedelta(hours=1)

# A lease that nobody gave back is a claim without a result: it may have gone out.
_CLAIM = text("""
WITH due AS (
    SELECT id FROM emails WHERE status = 'queued' AND due_at <= :now
    ORDER BY due_at, id LIMIT :limit FOR UPDATE SKIP LOCKED
)
UPDATE emails mail
SET lease = :lease, due_at = :until, attempts = mail.attempts + 1,
    unsettled = mail.unsettled + (mail.lease IS NOT NULL)::int,
    recipient = CASE mail.channel WHEN 'mail' THEN coalesce(mail.recipient, p.email)
                                  ELSE mail.recipient END
FROM due, messages m
LEFT JOIN partners p ON p.id = m.partner_id
LEFT JOIN brands b ON b.partner_id = m.partner_id
WHERE mail.id = due.id AND m.event_id = mail.event_id
RETURNING mail.id AS email_id, mail.attempts, mail.unsettled, mail.channel, mail.recipient,
          p.name AS partner_name, m.event_id, m.type, m.subject, m.sequence, m.partner_id,
          m.workshop_id, m.time, m.data, m.test, m.vin,
          b.name, b.colour, b.logo_url, b.reply_to, b.language, b.texts,
          EXISTS (SELECT FROM suppressions s WHERE s.address = lower(mail.recipient)) AS suppressed,
          m.type = ANY (:unsubscribable) AND EXISTS (
              SELECT FROM opt_outs o WHERE o.partner_id = m.partner_id AND o.address_hash =
                  encode(sha256(convert_to(lower(mail.recipient), 'UTF8')), 'hex')
          ) AS opted_out,
          (SELECT count(*) FROM emails s WHERE lower(s.recipient) = lower(mail.recipient)
              AND s.status = 'sent' AND s.finished_at > :since) AS sent_lately,
          mail.partner_id AS counts_for,
          (SELECT count(*) FROM (
              SELECT FROM emails s WHERE s.partner_id = mail.partner_id
                  AND s.status = 'sent' AND s.finished_at > :since LIMIT :most
          ) AS few) AS account_lately
""")
_SETTLE = text("""
UPDATE emails SET status = :status, due_at = :due_at, lease = NULL, error = :error,
                  finished_at = :finished_at, attempts = attempts - :back
WHERE id = :id AND lease = :lease
""")


@dataclass(frozen=True, slots=True)
class ClaimedEmail:
    """A mail that this worker alone sends, until its lease ends; `attempts` counts this one.

    `unsettled` counts former claims that came to no end, `sent_lately` what the recipient got in
    the last hour, `account_lately` what went out for the account that it `counts_for`, up to that
    one's limit.
    """

    id: str
    lease: uuid.UUID
    attempts: int
    unsettled: int
    channel: str
    recipient: str | None
    suppressed: bool
    opted_out: bool
    sent_lately: int
    counts_for: str | None
    account_lately: int
    partner_name: str | None
    brand: Brand
    message: Message


async def claim(
    connection: AsyncConnection, *, now: datetime, lease: timedelta, limit: int, most: int
) -> Sequence[ClaimedEmail]:
    """Take what is due; several workers never take the same. An account's are counted to `most`."""
    token = uuid.uuid4()
    named = {
        "now": now,
        "until": now + lease,
        "lease": token,
        "limit": limit,
        "most": most,
        "since": now - LATELY,
        "unsubscribable": sorted(UNSUBSCRIBABLE),
    }
    rows = await connection.execute(_CLAIM, named)
    return [
        ClaimedEmail(
            id=row["email_id"],
            lease=token,
            attempts=row["attempts"],
            unsettled=row["unsettled"],
            channel=row["channel"],
            recipient=row["recipient"],
            suppressed=bool(row["suppressed"]),
            opted_out=bool(row["opted_out"]),
            sent_lately=row["sent_lately"],
            counts_for=row["counts_for"],
            account_lately=row["account_lately"],
            partner_name=row["partner_name"],
            brand=_brand(row),
            message=message_from(row),
        )
        for row in rows.mappings()
    ]


async def sent(connection: AsyncConnection, email: ClaimedEmail, now: datetime) -> None:
    """Note that it was taken."""
    await _settle(connection, email, "sent", due_at=now, error=None, finished_at=now)


async def postponed(
    connection: AsyncConnection, email: ClaimedEmail, due_at: datetime, error: str
) -> None:
    """Note when it is tried again, and why it has to be."""
    await _settle(connection, email, "queued", due_at=due_at, error=error, finished_at=None)


async def put_off(
    connection: AsyncConnection, email: ClaimedEmail, due_at: datetime, error: str
) -> None:
    """Note when it is tried at all: this was no attempt."""
    await _settle(connection, email, "queued", due_at=due_at, error=error, finished_at=None, back=1)


async def failed(
    connection: AsyncConnection, email: ClaimedEmail, now: datetime, error: str
) -> None:
    """Note that it is given up."""
    await _settle(connection, email, "failed", due_at=now, error=error, finished_at=now)


async def suppressed(
    connection: AsyncConnection, email: ClaimedEmail, now: datetime, error: str
) -> None:
    """Note that it isn't sent, and why."""
    await _settle(connection, email, "suppressed", due_at=now, error=error, finished_at=now)


async def _settle(
    connection: AsyncConnection,
    email: ClaimedEmail,
    status: str,
    *,
    due_at: datetime,
    error: str | None,
    finished_at: datetime | None,
    back: int = 0,
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
            "back": back,
        },
    )


def _brand(row: RowMapping) -> Brand:
    if row["language"] is None:
        return Brand(row["partner_id"])
    return Brand(**{name: row[name] for name in Brand.__slots__})
