"""Loads and saves payments, and hands out those that have something due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.order.domain.order import Order
from services.order.domain.payment import Payment
from services.order.repository import rows
from services.order.tables.orders import orders
from services.order.tables.payments import payments
from shared import context

# The row is lent, not locked: whoever took it asks the provider outside of any transaction.
_TAKE_DUE = text("""
UPDATE payments SET attempts = attempts + 1,
    next_attempt_at = :now + make_interval(secs => least(power(1.5, attempts), :longest))
WHERE id IN (
    SELECT id FROM payments WHERE next_attempt_at <= :now
    ORDER BY next_attempt_at LIMIT :limit FOR UPDATE SKIP LOCKED
)
RETURNING id
""")


@dataclass(frozen=True, slots=True)
class Due:
    """A payment with something due, and the request that it all began with."""

    payment: Payment
    correlation_id: str


async def of_orders(
    connection: AsyncConnection, order_ids: Sequence[str]
) -> dict[str, tuple[Payment, ...]]:
    """Load the payments of some orders, oldest first."""
    found: dict[str, tuple[Payment, ...]] = dict.fromkeys(order_ids, ())
    result = await connection.execute(_payments(payments.c.order_id.in_(order_ids)))
    for row in result.mappings():
        payment = rows.payment_from(row)
        found[payment.order_id] += (payment,)
    return found


async def find(connection: AsyncConnection, payment_id: str) -> Payment | None:
    """Load a payment."""
    return await _one(connection, payments.c.id == payment_id)


async def find_of_request(connection: AsyncConnection, request: bytes) -> Payment | None:
    """Load the payment that a request began."""
    return await _one(connection, payments.c.request == request)


async def lock(connection: AsyncConnection, payment_id: str) -> tuple[Order, Payment]:
    """Load a payment and its order, and keep others from changing either."""
    query = select(orders).join(payments).where(payments.c.id == payment_id)
    its = (
        (await connection.execute(query.with_for_update(of=orders, key_share=True)))
        .mappings()
        .one()
    )
    payment = (await connection.execute(_payments(payments.c.id == payment_id))).mappings().one()
    return rows.order_from(its), rows.payment_from(payment)


async def add(
    connection: AsyncConnection, payment: Payment, *, request: bytes | None, look_at: datetime
) -> None:
    """Insert a payment; `request` finds it again when the same request is repeated."""
    own = {
        "request": request,
        "correlation_id": context.correlation_id() or payment.id,
        "next_attempt_at": look_at,
    }
    await connection.execute(insert(payments).values(rows.payment_row(payment) | own))


async def save(connection: AsyncConnection, payment: Payment, *, look_at: datetime) -> None:
    """Write a payment back; while something is due, the worker looks at it from then on."""
    values = rows.payment_row(payment) | {"next_attempt_at": look_at if payment.is_due else None}
    await connection.execute(update(payments).where(payments.c.id == payment.id).values(values))


async def save_each(
    connection: AsyncConnection,
    every: tuple[Payment, ...],
    changed: tuple[Payment, ...],
    *,
    look_at: datetime,
) -> tuple[Payment, ...]:
    """Write back those of an order's payments that changed; returns all as they are now."""
    for payment in changed:
        await save(connection, payment, look_at=look_at)
    now = {payment.id: payment for payment in changed}
    return tuple(now.get(payment.id, payment) for payment in every)


async def look_now(connection: AsyncConnection, payment_id: str, now: datetime) -> None:
    """Make what is due of a payment due at once."""
    due = (payments.c.id == payment_id) & payments.c.next_attempt_at.is_not(None)
    await connection.execute(update(payments).where(due).values(next_attempt_at=now))


async def take_due(
    connection: AsyncConnection, now: datetime, *, limit: int, longest_seconds: float
) -> list[Due]:
    """Take what is due now, for as long as its backoff lasts."""
    named = {"now": now, "limit": limit, "longest": longest_seconds}
    taken = (await connection.execute(_TAKE_DUE, named)).scalars().all()
    query = _payments(payments.c.id.in_(taken))
    return [
        Due(rows.payment_from(row), row["correlation_id"])
        for row in (await connection.execute(query)).mappings()
    ]


async def _one(connection: AsyncConnection, wanted: ColumnElement[bool]) -> Payment | None:
    row = (await connection.execute(_payments(wanted))).mappings().one_or_none()
    return rows.payment_from(row) if row else None


def _payments(wanted: ColumnElement[bool]) -> Select[tuple[object, ...]]:
    query = select(payments, orders.c.partner_id, orders.c.quote_id).join(orders)
    return query.where(wanted).order_by(payments.c.id)
