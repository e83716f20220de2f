"""What the quote service keeps of others' events: workshops and deals."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.quote.tables.projections import deals, workshops


async def knows_workshop(connection: AsyncConnection, workshop_id: str) -> bool:
    """Tell whether there is such a workshop."""
    found = select(workshops.c.id).where(workshops.c.id == workshop_id)
    return await connection.scalar(found) is not None


async def knows_open_deal(connection: AsyncConnection, deal_id: str, partner_id: str) -> bool:
    """Tell whether the partner has such a deal, still open."""
    found = select(deals.c.id).where(
        deals.c.id == deal_id, deals.c.partner_id == partner_id, deals.c.status == "open"
    )
    return await connection.scalar(found) is not None


async def put_workshop(
    connection: AsyncConnection,
    workshop_id: str,
    partner_id: str,
    country: str,
    region: str | None,
) -> None:
    """Remember who runs a workshop, and in which country and region."""
    changes = {"partner_id": partner_id, "country": country, "region": region}
    new = upsert(workshops).values(id=workshop_id, **changes)
    await connection.execute(new.on_conflict_do_update(index_elements=["id"], set_=changes))


async def accounts(connection: AsyncConnection, workshop_ids: Iterable[str]) -> dict[str, str]:
    """Name the accounts that run workshops, by the workshops' ids."""
    query = select(workshops.c.id, workshops.c.partner_id).where(
        workshops.c.id.in_(list(workshop_ids))
    )
    return {row.id: row.partner_id for row in await connection.execute(query)}


async def put_deal(connection: AsyncConnection, deal_id: str, partner_id: str, status: str) -> None:
    """Remember a deal, and whether it is open."""
    new = upsert(deals).values(id=deal_id, partner_id=partner_id, status=status)
    await connection.execute(
        new.on_conflict_do_update(index_elements=["id"], set_={"status": status})
    )
