"""How accounts' mails look."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifier.domain.brand import Brand
from services.notifier.tables import brands

_FIELDS = tuple(Brand.__slots__)


async def find(connection: AsyncConnection, partner_id: str) -> Brand:
    """Find an account's; without one, all is as we have it."""
    columns = [brands.c[name] for name in _FIELDS]
    statement = select(*columns).where(brands.c.partner_id == partner_id)
    row = (await connection.execute(statement)).mappings().one_or_none()
    return Brand(partner_id) if row is None else Brand(**row)


async def save(connection: AsyncConnection, brand: Brand, now: datetime) -> None:
    """Put it in place of what was there."""
    values = {name: getattr(brand, name) for name in _FIELDS} | {"updated_at": now}
    statement = insert(brands).values(**values)
    changed = {name: value for name, value in values.items() if name != "partner_id"}
    await connection.execute(
        statement.on_conflict_do_update(index_elements=["partner_id"], set_=changed)
    )
