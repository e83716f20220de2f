"""Loads and saves orders and their history; an order's row is the lock on all that is its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.order.domain.order import Change, Order, changes
from services.order.repository import rows
from services.order.tables.orders import order_history, orders


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changed an order; no client where this service did by itself."""

    role: str
    client_id: str | None = None


SYSTEM = Actor("system")


async def load(
    connection: AsyncConnection, order_id: str, visible: ColumnElement[bool], *, lock: bool = False
) -> Order | None:
    """Load one order if it is visible; `lock` holds it until the transaction ends."""
    return await _one(connection, (orders.c.id == order_id) & visible, lock=lock)


async def held(connection: AsyncConnection, order_id: str) -> Order:
    """Load an order that this transaction holds already."""
    found = await connection.execute(select(orders).where(orders.c.id == order_id))
    return rows.order_from(found.mappings().one())


async def lock_of_quote(connection: AsyncConnection, quote_id: str) -> Order | None:
    """Load the order of a quote, and hold it until the transaction ends."""
    return await _one(connection, orders.c.quote_id == quote_id, lock=True)


async def of_quote(connection: AsyncConnection, quote_id: str) -> Order | None:
    """Load the order of a quote."""
    return await _one(connection, orders.c.quote_id == quote_id, lock=False)


async def of_ids(
    connection: AsyncConnection, ids: Sequence[str], *, lock: bool = False
) -> list[Order]:
    """Load orders that something refers to, oldest first; `lock` holds them all."""
    query = select(orders).where(orders.c.id.in_(ids)).order_by(orders.c.id)
    if lock:
        query = query.with_for_update(of=orders, key_share=True)
    return [rows.order_from(row) for row in (await connection.execute(query)).mappings()]


async def page(
    connection: AsyncConnection,
    conditions: Iterable[ColumnElement[bool]],
    *,
    before: str | None,
    limit: int,
) -> list[Order]:
    """Load orders, newest first."""
    query = select(orders).where(*conditions).order_by(orders.c.id.desc()).limit(limit)
    if before:
        query = query.where(orders.c.id < before)
    return [rows.order_from(row) for row in (await connection.execute(query)).mappings()]


async def add(connection: AsyncConnection, order: Order) -> bool:
    """Insert an order unless its quote has one; then wait for that one's commit, and say so."""
    statement = insert(orders).values(rows.order_row(order))
    result = await connection.execute(
        statement.on_conflict_do_nothing(index_elements=["quote_id"]).returning(orders.c.id)
    )
    return result.one_or_none() is not None


async def save(connection: AsyncConnection, order: Order) -> None:
    """Write a locked order back."""
    await connection.execute(
        update(orders).where(orders.c.id == order.id).values(rows.order_row(order))
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """A change of an order, as its history keeps it."""

    position: int
    at: datetime
    effective_at: datetime
    actor: Actor
    from_status: str | None
    to_status: str
    reason: str | None
    changes: tuple[Change, ...]
    event_id: str | None


async def record(
    connection: AsyncConnection,
    before: Order | None,
    after: Order,
    *,
    at: datetime,
    actor: Actor,
    event_id: str | None,
    reason: str | None = None,
    effective_at: datetime | None = None,
) -> None:
    """Append a change to the order's history; it may have come into effect before it was said."""
    await connection.execute(
        insert(order_history).values(
            order_id=after.id,
            at=at,
            effective_at=effective_at or at,
            actor_client_id=actor.client_id,
            actor_role=actor.role,
            from_status=before and before.status,
            to_status=after.status,
            reason=reason,
            changes=[asdict(change) for change in changes(before, after)] if before else [],
            event_id=event_id,
        )
    )


async def history(
    connection: AsyncConnection, order_id: str, *, after: int, limit: int
) -> list[Entry]:
    """Read an order's changes, oldest first."""
    query = (
        select(order_history)
        .where(order_history.c.order_id == order_id, order_history.c.position > after)
        .order_by(order_history.c.position)
        .limit(limit)
    )
    return [_entry(row) for row in await connection.execute(query)]


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        position=row.position,
        at=row.at,
        effective_at=row.effective_at,
        actor=Actor(row.actor_role, row.actor_client_id),
        from_status=row.from_status,
        to_status=row.to_status,
        reason=row.reason,
        changes=tuple(Change(**change) for change in row.changes),
        event_id=row.event_id,
    )


async def _one(
    connection: AsyncConnection, wanted: ColumnElement[bool], *, lock: bool
) -> Order | None:
    query = select(orders).where(wanted)
    if lock:
        # Not the key: a deal that is being closed refers to its orders, and would wait for this.
        query = query.with_for_update(of=orders, key_share=True)
    row = (await connection.execute(query)).mappings().one_or_none()
    return rows.order_from(row) if row else None
