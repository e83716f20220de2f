"""Who comes first, decided before the constraint has to: waiting in line, not in a deadlock.

Racing inserts against an exclusion constraint can wait for each other in circles. Taken until the
end of the transaction; a reference's line, or a partner's of series, always before a workshop's.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


async def workshop_line(connection: AsyncConnection, workshop_id: str) -> None:
    """Wait until nobody else is choosing a bay at this workshop."""
    await connection.execute(_LOCK, {"name": f"bays of {workshop_id}"})


async def reference_line(connection: AsyncConnection, partner_id: str, reference: str) -> None:
    """Wait until nobody else is booking under this reference of the partner's."""
    await connection.execute(_LOCK, {"name": f"reference of {partner_id} {reference}"})


async def series_line(connection: AsyncConnection, partner_id: str) -> None:
    """Wait until the partner's series before this one is made: of long work, one at a time."""
    await connection.execute(_LOCK, {"name": f"series of {partner_id}"})
