"""How much of a day's limits is used."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import Text, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from services.booking.domain.need import COURTESY, Need, of_service
from services.booking.tables.facilities import catalog

# A day has no more bookings than its bays have hours: the index finds these, and no others.
_COUNT = text("""
SELECT day, key, count(*) AS used
FROM bookings CROSS JOIN LATERAL unnest(counts_as) AS key
WHERE workshop_id = :workshop_id AND day = ANY(CAST(:days AS date[])) AND key = ANY(:keys)
  AND status IN ('held', 'pending', 'processing', 'done')
  AND (status <> 'held' OR hold_expires_at > :now) AND id IS DISTINCT FROM :except_for
GROUP BY day, key
""").bindparams(bindparam("keys", type_=ARRAY(Text)), bindparam("except_for", type_=Text))

_COURTESY = text("""
SELECT coalesce(sum(capacity), 0) FROM resources
WHERE workshop_id = :workshop_id AND kind = 'courtesy' AND in_service
""")


async def of_catalog(connection: AsyncConnection, workshop_id: str, need: Need) -> dict[str, int]:
    """Load the limits that are no rules of the workshop's: of the services, and of courtesy."""
    found = {}
    if need.service_ids:
        query = select(catalog.c.id, catalog.c.daily_limit).where(
            catalog.c.workshop_id == workshop_id,
            catalog.c.id.in_(need.service_ids),
            catalog.c.daily_limit.is_not(None),
        )
        rows = await connection.execute(query)
        found = {of_service(row.id): row.daily_limit for row in rows}
    if COURTESY in need.counts_as:
        found[COURTESY] = await connection.scalar(_COURTESY, {"workshop_id": workshop_id})
    return found


async def used(
    connection: AsyncConnection,
    workshop_id: str,
    days: Collection[date],
    keys: Collection[str],
    now: datetime,
    *,
    except_for: str | None = None,
) -> dict[tuple[date, str], int]:
    """Count what some days have of these already; `except_for` names a booking not to count."""
    named = {
        "workshop_id": workshop_id,
        "days": list(days),
        "keys": list(keys),
        "now": now,
        "except_for": except_for,
    }
    return {(row.day, row.key): row.used for row in await connection.execute(_COUNT, named)}
