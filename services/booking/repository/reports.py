"""The projection that reports are made of, and the reports.

Of one event and of the whole log it is made by the same statement, so that it can be made anew and
be the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

# A range counts by its lower end; each currency has a sum of its own.
_PROJECT = """
INSERT INTO reported_bookings
    (booking_id, sequence, partner_id, workshop_id, status, source, no_show, day, amounts)
SELECT data ->> 'id', told.sequence, data ->> 'partner_id', data ->> 'workshop_id',
       data ->> 'status', coalesce(data ->> 'source', 'api'),
       (data ->> 'status', data ->> 'cancelled_by', data ->> 'reason')
           IS NOT DISTINCT FROM ('cancelled', 'workshop', 'no-show'),
       CAST(CAST(data ->> 'drop_off_at' AS timestamptz)
           AT TIME ZONE (data ->> 'workshop_time_zone') AS date),
       coalesce(
           (SELECT jsonb_object_agg(currency, amount)
            FROM (SELECT cost ->> 'currency' AS currency,
                         sum(CAST(cost ->> 'amount' AS bigint)) AS amount
                  FROM jsonb_array_elements(data -> 'services') AS it,
                       coalesce(nullif(it -> 'cost', 'null'), it #> '{cost_range,low}') AS cost
                  WHERE cost IS NOT NULL GROUP BY currency) AS sums),
           '{}')
FROM ({told}) AS told (sequence, data)
ON CONFLICT (booking_id) DO UPDATE
SET sequence = EXCLUDED.sequence, status = EXCLUDED.status, source = EXCLUDED.source,
    no_show = EXCLUDED.no_show, day = EXCLUDED.day, amounts = EXCLUDED.amounts
WHERE reported_bookings.sequence < EXCLUDED.sequence
"""
_OF_EVENTS = """
SELECT * FROM unnest(CAST(:sequences AS bigint[]), CAST(CAST(:data AS text[]) AS jsonb[]))
"""
_OF_THE_LOG = """
SELECT DISTINCT ON (subject) sequence, CAST(data AS jsonb)
FROM events WHERE subject = ANY(CAST(:ids AS text[])) AND type LIKE 'booking.%'
ORDER BY subject, sequence DESC
"""
_TELL = text(_PROJECT.replace("{told}", _OF_EVENTS))
_REBUILD = text(_PROJECT.replace("{told}", _OF_THE_LOG))
_NEXT = text("""
SELECT DISTINCT subject FROM events
WHERE subject > :after AND type LIKE 'booking.%' ORDER BY subject LIMIT :limit
""")
_FORGET = text("DELETE FROM reported_bookings WHERE booking_id = ANY(CAST(:ids AS text[]))")
_COUNT = text("""
SELECT to_char(day, :period) AS period, workshop_id, status, source, currency,
       count(*) AS bookings, count(*) FILTER (WHERE no_show) AS no_shows,
       coalesce(CAST(sum(CAST(amount AS bigint)) AS bigint), 0) AS value
FROM reported_bookings LEFT JOIN jsonb_each_text(amounts) AS sums (currency, amount) ON true
WHERE partner_id = :partner_id AND day BETWEEN :first AND :last
GROUP BY period, workshop_id, status, source, currency
ORDER BY period, workshop_id COLLATE "C", status COLLATE "C", source COLLATE "C",
         currency COLLATE "C" NULLS FIRST
""")


# ISO 8601: a week is of the year that has its Thursday.
_PERIODS = {"day": "YYYY-MM-DD", "week": 'IYYY-"W"IW', "month": "YYYY-MM"}


async def tell(connection: AsyncConnection, told: Sequence[tuple[int, str]]) -> None:
    """Take in booking events: their numbers, and their data as JSON; one for each booking."""
    named = {"sequences": [number for number, _ in told], "data": [data for _, data in told]}
    await connection.execute(_TELL, named)


async def rebuild(connection: AsyncConnection, after: str, limit: int) -> Sequence[str]:
    """Make some bookings' share anew from the log, by their ids; returns of which bookings.

    Those whose events have left the log stay as they are. Whoever changes one of these meanwhile
    waits, and nobody else: what is told by then, the second statement sees.
    """
    rows = await connection.execute(_NEXT, {"after": after, "limit": limit})
    named = {"ids": list(rows.scalars())}
    await connection.execute(_FORGET, named)
    await connection.execute(_REBUILD, named)
    return named["ids"]


async def count(
    connection: AsyncConnection, partner_id: str, first: date, last: date, period: str
) -> Sequence[RowMapping]:
    """Count a partner's bookings and sum their value, by period, workshop, status and source.

    The period is a `day`, a `week` or a `month`; what costs in two currencies counts under each.
    """
    named = {"partner_id": partner_id, "first": first, "last": last, "period": _PERIODS[period]}
    return (await connection.execute(_COUNT, named)).mappings().all()
