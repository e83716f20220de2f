"""An event's receipt by one statement: kept, queued for each endpoint it is for, told by mail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifier.domain.deadline import deadline_of
from services.notifier.domain.delivery import Delivery
from services.notifier.domain.mailing import Notice
from services.notifier.domain.message import Message
from services.notifier.domain.patterns import patterns_matching
from services.notifier.repository import deliveries, endpoints, messages
from services.notifier.repository.endpoints import Wanting
from shared.ids import new_id
from shared.statements import Prepared

AT_ONCE = 4
"""For how many endpoints there is an id at hand; what more want it is queued after it."""

ONE_ABOUT_IT = timedelta(days=1)
"""How long nobody is written to about the same thing again, where a notice names one."""

# Without a recipient a mail goes to the account's address.
_RECEIVE = Prepared(
    text(f"""
WITH stored AS ({messages.KEEP}),
wanting AS MATERIALIZED ({endpoints.WANTING}),
placed AS (
    SELECT wanting.*, row_number() OVER (ORDER BY wanting.id) AS place
    FROM wanting, stored WHERE NOT stored.erased
),
queued AS (
    INSERT INTO deliveries ({deliveries.COLUMNS})
    SELECT new.id, placed.id, placed.partner_id, :event_id, :type, 'queued', :now, :now,
           CASE WHEN by_subject THEN CAST(:subject AS text) END,
           CASE WHEN by_subject THEN CAST(:sequence AS bigint) END, :expires_at
    FROM placed JOIN unnest(CAST(:ids AS text[])) WITH ORDINALITY AS new (id, place) USING (place)
    RETURNING deliveries.*
),
mailed AS (
    INSERT INTO emails (id, event_id, channel, about, recipient, status, due_at, created_at,
                        partner_id)
    SELECT notice.id, :event_id, notice.channel, notice.about, notice.recipient, 'queued', :now,
           :now, CASE WHEN notice.recipient IS NOT NULL THEN CAST(:partner_id AS text) END
    FROM stored, unnest(
        CAST(:email_ids AS text[]), CAST(:channels AS text[]), CAST(:abouts AS text[]),
        CAST(:recipients AS text[])
    ) AS notice (id, channel, about, recipient)
    WHERE NOT stored.erased
      AND (notice.channel = 'mail' OR EXISTS (
              SELECT FROM brands WHERE brands.partner_id = :partner_id AND brands.texts))
      AND (notice.about IS NULL OR NOT EXISTS (
              SELECT FROM emails WHERE about = notice.about AND created_at > :since))
)
SELECT stored.erased, placed.id AS wanting_id, placed.partner_id AS wanting_partner_id, version,
       queued.*
FROM stored LEFT JOIN placed ON true LEFT JOIN queued ON queued.endpoint_id = placed.id
ORDER BY place
""")  # noqa: S608 - our own columns
)


async def receive(
    connection: AsyncConnection,
    message: Message,
    about: Sequence[str],
    notices: Sequence[Notice],
    now: datetime,
) -> tuple[list[Wanting], list[Delivery]] | None:
    """Keep an event, and tell who wants it; return them with what is queued.

    None, and nobody is told, when the customer of a subject that it is about was erased.
    """
    rows = await _RECEIVE.rows(
        connection,
        {
            **messages.kept(message, now, about),
            "patterns": list(patterns_matching(message.type)),
            "ids": [new_id("dlv") for _ in range(AT_ONCE)],
            "registered_by": None,  # whoever is there now: a clock set back has no say in it
            "expires_at": deadline_of(message.type, message.time),
            "email_ids": [new_id("eml") for _ in notices],
            "channels": [each.channel for each in notices],
            "abouts": [each.about for each in notices],
            "recipients": [each.recipient for each in notices],
            "since": now - ONE_ABOUT_IT,
            "now": now,
        },
    )
    if rows[0]["erased"]:
        return None
    rows = [row for row in rows if row["wanting_id"] is not None]
    wanting = [
        Wanting(row["wanting_id"], row["wanting_partner_id"], row["version"]) for row in rows
    ]
    queued = [deliveries.delivery_from(row) for row in rows[:AT_ONCE]]
    more = [each.endpoint_id for each in wanting[AT_ONCE:]]
    return wanting, queued + await deliveries.queue(connection, message, more, now)
