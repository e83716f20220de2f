"""Loads and saves taxes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Text, bindparam, delete, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.quote.domain import tax as domain
from services.quote.domain.tax import Tax
from services.quote.tables.base import MOMENT
from services.quote.tables.projections import workshops
from services.quote.tables.rates import cards
from services.quote.tables.taxes import taxes
from shared.money import Rounding

_ALONE = text("LOCK TABLE taxes IN SHARE ROW EXCLUSIVE MODE")
_NOW = bindparam("now", type_=MOMENT)
_AT_WORKSHOP = (
    select(taxes)
    .join(workshops, taxes.c.jurisdiction.in_([workshops.c.country, workshops.c.region]))
    .where(
        workshops.c.id == bindparam("workshop_id", type_=Text),
        or_(taxes.c.valid_from.is_(None), taxes.c.valid_from <= _NOW),
        or_(taxes.c.valid_until.is_(None), taxes.c.valid_until > _NOW),
    )
    .order_by(taxes.c.jurisdiction, taxes.c.line)
)


async def levied_at(
    connection: AsyncConnection, workshop_id: str | None, now: datetime
) -> tuple[Tax, ...]:
    """Load what work at a workshop is taxed by; nothing of no workshop in particular."""
    if workshop_id is None:
        return ()
    named = {"workshop_id": workshop_id, "now": now}
    return domain.levied(map(_tax, await connection.execute(_AT_WORKSHOP, named)))


async def all_of_them(connection: AsyncConnection, jurisdiction: str | None = None) -> list[Tax]:
    """Load every tax, or a jurisdiction's, in the order of jurisdiction and line."""
    query = select(taxes).order_by(taxes.c.jurisdiction, taxes.c.line)
    if jurisdiction:
        query = query.where(taxes.c.jurisdiction == jurisdiction)
    return [_tax(row) for row in await connection.execute(query)]


def _tax(row: Row[Any]) -> Tax:
    return Tax(
        name=row.name,
        rate=row.tax_rate,
        rounding=Rounding(row.rounding),
        jurisdiction=row.jurisdiction,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )


async def put(connection: AsyncConnection, jurisdiction: str, new: Sequence[Tax]) -> None:
    """Replace a jurisdiction's taxes; every card's event is owed from then on."""
    await connection.execute(_ALONE)
    await connection.execute(delete(taxes).where(taxes.c.jurisdiction == jurisdiction))
    rows = [
        {
            "jurisdiction": jurisdiction,
            "line": line,
            "name": tax.name,
            "tax_rate": tax.rate,
            "rounding": tax.rounding,
            "valid_from": tax.valid_from,
            "valid_until": tax.valid_until,
        }
        for line, tax in enumerate(new)
    ]
    if rows:
        await connection.execute(insert(taxes), rows)
    await connection.execute(update(cards).values(told_at=None))
