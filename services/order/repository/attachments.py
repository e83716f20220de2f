"""Loads and saves attachments; a content is on the shelf only while it has a row here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy import RowMapping, and_, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.order.domain.attachment import Attachment
from services.order.tables.attachments import attachments


@dataclass(frozen=True, slots=True)
class Place:
    """Where a content is on the shelf."""

    id: str
    order_id: str

    @property
    def key(self) -> str:
        """Name it on the shelf."""
        return f"{self.order_id}/{self.id}"


async def announce(connection: AsyncConnection, coming: Attachment) -> None:
    """Enter a content that is about to be put on the shelf."""
    await connection.execute(insert(attachments).values(asdict(coming) | {"state": "arriving"}))


async def keep(connection: AsyncConnection, arrived: Attachment) -> bool:
    """Turn what was announced into an attachment; False when it was swept meanwhile."""
    there = (attachments.c.id == arrived.id) & (attachments.c.state == "arriving")
    kept = await connection.execute(
        update(attachments).where(there).values(asdict(arrived) | {"state": "stored"})
    )
    return kept.rowcount == 1


async def let_go(connection: AsyncConnection, attachment_id: str) -> None:
    """Give an attachment up; its content is taken off the shelf later."""
    row = attachments.c.id == attachment_id
    await connection.execute(update(attachments).where(row).values(state="leaving"))


async def of_order(connection: AsyncConnection, order_id: str) -> list[Attachment]:
    """Load an order's attachments, oldest first."""
    stored = (attachments.c.order_id == order_id) & (attachments.c.state == "stored")
    found = await connection.execute(select(attachments).where(stored).order_by(attachments.c.id))
    return [_attachment(row) for row in found.mappings()]


async def find(connection: AsyncConnection, order_id: str, attachment_id: str) -> Attachment | None:
    """Load one attachment of an order."""
    its = and_(
        attachments.c.id == attachment_id,
        attachments.c.order_id == order_id,
        attachments.c.state == "stored",
    )
    row = (await connection.execute(select(attachments).where(its))).mappings().one_or_none()
    return _attachment(row) if row else None


async def to_sweep(connection: AsyncConnection, before: datetime, limit: int) -> list[Place]:
    """List contents that are given up, or have been arriving since before then."""
    waiting = (attachments.c.state == "arriving") & (attachments.c.created_at < before)
    query = (
        select(attachments.c.id, attachments.c.order_id)
        .where(or_(attachments.c.state == "leaving", waiting))
        .order_by(attachments.c.created_at)
        .limit(limit)
    )
    return [Place(row.id, row.order_id) for row in await connection.execute(query)]


async def condemn(connection: AsyncConnection, ids: Sequence[str]) -> None:
    """See that what is about to be swept isn't kept after all."""
    rows = attachments.c.id.in_(ids) & (attachments.c.state == "arriving")
    await connection.execute(update(attachments).where(rows).values(state="leaving"))


async def forget(connection: AsyncConnection, ids: Sequence[str]) -> None:
    """Drop the rows of contents that are off the shelf."""
    rows = attachments.c.id.in_(ids) & (attachments.c.state == "leaving")
    await connection.execute(delete(attachments).where(rows))


def _attachment(row: RowMapping) -> Attachment:
    return Attachment(**{field.name: row[field.name] for field in fields(Attachment)})
