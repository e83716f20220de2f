"""Loads and saves the taxes of countries."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.quote.domain.tax import Tax
from services.quote.tables.rates import cards
from services.quote.tables.taxes import taxes
from shared.money import Rounding

_ALONE = text("LOCK TABLE taxes IN SHARE ROW EXCLUSIVE MODE")


async def all_of_them(connection: AsyncConnection, country: str | None = None) -> list[Tax]:
    """Load every tax, or a country's, in the order of country and time."""
    query = select(taxes).order_by(taxes.c.country, taxes.c.line)
    found = await connection.execute(query.where(taxes.c.country == country) if country else query)
    return [
        Tax(row.country, row.tax_rate, Rounding(row.rounding), row.valid_from, row.valid_until)
        for row in found
    ]


async def put(connection: AsyncConnection, country: str, new: Sequence[Tax]) -> None:
    """Replace a country's taxes; every card's event is owed from then on."""
    await connection.execute(_ALONE)
    await connection.execute(delete(taxes).where(taxes.c.country == country))
    rows = [
        {
            "country": country,
            "line": line,
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
