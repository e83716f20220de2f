"""Loads and saves series of bookings."""

from __future__ import annotations

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, insert, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.booking.domain.series import Occurrence, Series
from services.booking.tables.series import series
from services.booking.tables.workshops import workshops
from shared.auth import Caller

_OCCURRENCES = TypeAdapter(tuple[Occurrence, ...])


def visible_to(caller: Caller) -> ColumnElement[bool]:
    """Limit series to the caller's own, and those with its workshops."""
    if caller.is_operator:
        return true()
    own = series.c.partner_id == caller.partner_id
    if not caller.is_workshop:
        return own
    return or_(own, workshops.c.partner_id == caller.partner_id)


async def begin(connection: AsyncConnection, new: Series) -> None:
    """Save a series of which there are no bookings yet."""
    row = {
        "id": new.id,
        "partner_id": new.partner_id,
        "workshop_id": new.workshop_id,
        "rule": new.rule,
        "occurrences": [],
        "created_at": new.created_at,
    }
    await connection.execute(insert(series), row)


async def finish(connection: AsyncConnection, made: Series) -> None:
    """Save what came of a series."""
    listed = _OCCURRENCES.dump_python(made.occurrences, mode="json")
    await connection.execute(
        update(series).where(series.c.id == made.id).values(occurrences=listed)
    )


async def load(
    connection: AsyncConnection, series_id: str, visible: ColumnElement[bool]
) -> Series | None:
    """Load one series if it is visible."""
    query = (
        select(series)
        .join(workshops, workshops.c.id == series.c.workshop_id)
        .where(series.c.id == series_id, visible)
    )
    row = (await connection.execute(query)).mappings().one_or_none()
    if row is None:
        return None
    return Series(**{**row, "occurrences": _OCCURRENCES.validate_python(row["occurrences"])})
