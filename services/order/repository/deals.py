"""Loads and saves deals; a deal's row is the lock on what is rolled up into its invoice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.order.domain.deal import Deal, Status
from services.order.domain.terms import Contact
from services.order.tables.deals import deals
from shared.auth import Caller


def visible_to(caller: Caller) -> ColumnElement[bool]:
    """Match a partner's own deals; all of them for an operator."""
    return true() if caller.is_operator else deals.c.partner_id == caller.partner_id


async def add(connection: AsyncConnection, deal: Deal) -> None:
    """Insert a deal."""
    await connection.execute(insert(deals).values(_row(deal)))


async def save(connection: AsyncConnection, deal: Deal) -> None:
    """Write a locked deal back."""
    await connection.execute(update(deals).where(deals.c.id == deal.id).values(_row(deal)))


async def load(
    connection: AsyncConnection, deal_id: str, visible: ColumnElement[bool]
) -> Deal | None:
    """Load one deal if it is visible."""
    return await _one(connection, _deal(deal_id, visible))


async def lock(
    connection: AsyncConnection, deal_id: str, visible: ColumnElement[bool]
) -> Deal | None:
    """Load a deal to close it: once all who hold it open are done, and alone from then on."""
    return await _one(connection, _deal(deal_id, visible).with_for_update())


async def hold(connection: AsyncConnection, deal_id: str, partner_id: str) -> Deal | None:
    """Load a partner's deal, and keep others from closing it; any number may hold it at once."""
    query = _deal(deal_id, deals.c.partner_id == partner_id)
    return await _one(connection, query.with_for_update(read=True))


async def page(
    connection: AsyncConnection,
    conditions: Iterable[ColumnElement[bool]],
    *,
    before: str | None,
    limit: int,
) -> list[Deal]:
    """Load deals, newest first."""
    query = select(deals).where(*conditions).order_by(deals.c.id.desc()).limit(limit)
    if before:
        query = query.where(deals.c.id < before)
    return [_from(row) for row in (await connection.execute(query)).mappings()]


def _deal(deal_id: str, visible: ColumnElement[bool]) -> Select[Any]:
    return select(deals).where(deals.c.id == deal_id, visible)


async def _one(connection: AsyncConnection, query: Select[Any]) -> Deal | None:
    row = (await connection.execute(query)).mappings().one_or_none()
    return _from(row) if row else None


def _row(deal: Deal) -> dict[str, Any]:
    values = {each.name: getattr(deal, each.name) for each in fields(deal)}
    return values | {"contact": deal.contact and asdict(deal.contact)}


def _from(row: RowMapping) -> Deal:
    contact = row["contact"]
    typed = {"status": Status(row["status"]), "contact": contact and Contact(**contact)}
    return Deal(**{each.name: row[each.name] for each in fields(Deal)} | typed)
