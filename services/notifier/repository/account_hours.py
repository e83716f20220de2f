"""What went out to others for an account in the last hour, and what of it waits its turn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifier.repository.emails import LATELY, ClaimedEmail

FULL = "account-too-many-an-hour"
COUNTED = 10_000
"""How many that wait are counted at the most."""

# When the oldest of a full hour leaves it, and behind those that wait already: each is put off
# once, however many there are.
_HOLD_BACK = text("""
UPDATE emails mail
SET lease = NULL, attempts = mail.attempts - 1, error = :full,
    due_at = greatest(
        CAST(:now AS timestamptz),
        (SELECT s.finished_at FROM emails s
         WHERE s.partner_id = mail.partner_id AND s.status = 'sent' AND s.finished_at > :since
         ORDER BY s.finished_at DESC OFFSET :per_hour - 1 LIMIT 1) + CAST(:hour AS interval),
        (SELECT max(w.due_at) FROM emails w
         WHERE w.partner_id = mail.partner_id AND w.status = 'queued' AND w.error = :full)
            + CAST(:hour AS interval) / :per_hour
    )
WHERE mail.id = :id AND mail.lease = :lease
""")
_USED = text("""
SELECT (SELECT count(*) FROM (
            SELECT FROM emails WHERE partner_id = :partner_id AND status = 'sent'
                AND finished_at > :since LIMIT :per_hour
        ) AS few) AS sent,
       (SELECT count(*) FROM (
            SELECT FROM emails WHERE partner_id = :partner_id AND status = 'queued'
                AND error = :full LIMIT :counted
        ) AS few) AS waiting,
       (SELECT max(due_at) FROM emails WHERE partner_id = :partner_id AND status = 'queued'
            AND error = :full) AS until
""")


@dataclass(frozen=True, slots=True)
class AccountHour:
    """Of `per_hour` that may go out to others in an hour, `sent` did; the rest waits `until`."""

    partner_id: str
    per_hour: int
    sent: int
    waiting: int
    until: datetime | None


async def hold_back(
    connection: AsyncConnection, email: ClaimedEmail, now: datetime, per_hour: int
) -> None:
    """Put a mail off until its account may send it: this was no attempt."""
    await connection.execute(
        _HOLD_BACK,
        {
            "id": email.id,
            "lease": email.lease,
            "now": now,
            "since": now - LATELY,
            "hour": LATELY,
            "per_hour": per_hour,
            "full": FULL,
        },
    )


async def used(
    connection: AsyncConnection, partner_id: str, now: datetime, per_hour: int
) -> AccountHour:
    """Count an account's hour."""
    asked = {
        "partner_id": partner_id,
        "since": now - LATELY,
        "per_hour": per_hour,
        "full": FULL,
        "counted": COUNTED,
    }
    row = (await connection.execute(_USED, asked)).mappings().one()
    return AccountHour(partner_id, per_hour, **row)
