"""Which bay is free, and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Text, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.booking.domain.hours import Interval

# A bay's bookings and holds never overlap, so that of those that end after the start only the
# first can be in the way: one probe of the index for each bay, however many bookings there are.
_FREE = text("""
SELECT slot.start, free.bay_id
FROM unnest(CAST(:starts AS timestamptz[])) AS slot (start)
CROSS JOIN LATERAL (
    SELECT bay.id AS bay_id
    FROM resources AS bay
    LEFT JOIN LATERAL (
        SELECT lower(during) AS start FROM bookings
        WHERE bay_id = bay.id AND status IN ('held', 'pending', 'processing')
          AND upper(during) > slot.start AND id IS DISTINCT FROM :except_for
          AND (status <> 'held' OR hold_expires_at > :now)
        ORDER BY upper(during) LIMIT 1
    ) AS next ON true
    WHERE bay.workshop_id = :workshop_id AND bay.kind = 'bay'
      AND (CAST(:only AS text) IS NULL OR bay.id = :only)
      AND (next.start IS NULL OR next.start >= slot.start + :duration)
    ORDER BY bay.id LIMIT 1
) AS free
""").bindparams(bindparam("except_for", type_=Text), bindparam("only", type_=Text))


async def starts_with_a_bay(
    connection: AsyncConnection,
    workshop_id: str,
    starts: Sequence[datetime],
    duration: timedelta,
    now: datetime,
) -> set[datetime]:
    """Return those starts from which some bay is free for so long."""
    named = {
        "workshop_id": workshop_id,
        "starts": list(starts),
        "duration": duration,
        "now": now,
        "except_for": None,
        "only": None,
    }
    rows = await connection.execute(_FREE, named)
    return {row.start for row in rows}


async def free_bay(
    connection: AsyncConnection,
    workshop_id: str,
    needed: Interval,
    now: datetime,
    *,
    only: str | None = None,
    except_for: str | None = None,
) -> str | None:
    """Return a bay that is free for all of the time, if there is one.

    `only` asks for a certain bay; `except_for` names a booking that wouldn't be in the way.
    """
    named = {
        "workshop_id": workshop_id,
        "starts": [needed.start],
        "duration": needed.end - needed.start,
        "now": now,
        "only": only,
        "except_for": except_for,
    }
    row = (await connection.execute(_FREE, named)).one_or_none()
    return row.bay_id if row else None
