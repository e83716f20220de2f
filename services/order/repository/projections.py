"""What this service keeps of others' events: quotes, and who runs which workshop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.order.domain.rate_card import NOWHERE, Jurisdiction
from services.order.domain.sale import Quote
from services.order.repository import rows
from services.order.tables.projections import quotes, workshops


async def quote(connection: AsyncConnection, quote_id: str) -> Quote | None:
    """Load a quote as the quote service last told."""
    found = await connection.execute(select(quotes).where(quotes.c.id == quote_id))
    row = found.mappings().one_or_none()
    return rows.quote_from(row) if row else None


async def keep_quote(connection: AsyncConnection, quote: Quote, *, sequence: int) -> None:
    """Keep a quote, unless what is kept is newer."""
    await keep(connection, quotes, rows.quote_row(quote) | {"sequence": sequence})


async def keep_workshop(
    connection: AsyncConnection, told: Mapping[str, Any], *, sequence: int
) -> None:
    """Keep who runs a workshop, where, and when it is open, unless what is kept is newer."""
    await keep(connection, workshops, {**told, "sequence": sequence})


async def knows(connection: AsyncConnection, workshop_id: str) -> bool:
    """Tell whether there is such a workshop."""
    query = select(workshops.c.id).where(workshops.c.id == workshop_id)
    return await connection.scalar(query) is not None


async def jurisdiction_of(connection: AsyncConnection, workshop_id: str) -> Jurisdiction:
    """Tell where a workshop is, as far as anybody has told yet."""
    query = select(workshops.c.country, workshops.c.region).where(workshops.c.id == workshop_id)
    row = (await connection.execute(query)).one_or_none()
    return Jurisdiction(row.country, row.region) if row else NOWHERE


async def keep(connection: AsyncConnection, table: Table, row: dict[str, Any]) -> None:
    """Keep a row of another service's, unless what is kept is newer."""
    statement = insert(table).values(row)
    newer = {name: statement.excluded[name] for name in row}
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["id"],
            set_=newer,
            where=table.c.sequence < statement.excluded.sequence,
        )
    )
