"""Loads and saves special days."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import RowMapping, Text, cast, delete, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.booking.domain.hours import Span
from services.booking.domain.schedule import SpecialDay
from services.booking.tables.facilities import special_days

_SPANS = TypeAdapter(tuple[Span, ...])


async def put(connection: AsyncConnection, special: SpecialDay) -> None:
    """Save a special day, in place of what the date had before."""
    row: dict[str, Any] = {
        "workshop_id": special.workshop_id,
        "day": special.day,
        "spans": _SPANS.dump_python(special.spans, mode="json"),
        "reason": special.reason,
    }
    new = upsert(special_days).values(row)
    await connection.execute(
        new.on_conflict_do_update(
            index_elements=["workshop_id", "day"],
            set_={"spans": new.excluded.spans, "reason": new.excluded.reason},
        )
    )


async def remove(connection: AsyncConnection, workshop_id: str, day: date) -> bool:
    """Delete a special day; returns whether it was there."""
    statement = delete(special_days).where(
        special_days.c.workshop_id == workshop_id, special_days.c.day == day
    )
    return (await connection.execute(statement)).rowcount == 1


async def between(
    connection: AsyncConnection, workshop_id: str, first: date, last: date
) -> tuple[SpecialDay, ...]:
    """Load the special days from one date to another, both included."""
    query = select(special_days).where(
        special_days.c.workshop_id == workshop_id, special_days.c.day.between(first, last)
    )
    return tuple(_special(row) for row in (await connection.execute(query)).mappings())


async def page(
    connection: AsyncConnection, workshop_id: str, *, before: str | None, limit: int
) -> list[SpecialDay]:
    """Load a workshop's special days, the last first; `before` is a date."""
    query = select(special_days).where(special_days.c.workshop_id == workshop_id)
    if before:
        query = query.where(cast(special_days.c.day, Text) < before)
    rows = await connection.execute(query.order_by(special_days.c.day.desc()).limit(limit))
    return [_special(row) for row in rows.mappings()]


def _special(row: RowMapping) -> SpecialDay:
    spans = _SPANS.validate_python(row["spans"])
    return SpecialDay(row["workshop_id"], row["day"], spans, row["reason"])
