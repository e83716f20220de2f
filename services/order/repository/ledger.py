"""Loads and saves payments, and hands out those that have something due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.order.domain.order import Order
from services.order.domain.payment import Payment, Status
from services.order.repository import rows
from services.order.tables.invoices import invoice_lines, invoices
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
    return await _grouped(connection, "order_id", order_ids)


async def of_invoices(
    connection: AsyncConnection, invoice_ids: Sequence[str]
) -> dict[str, tuple[Payment, ...]]:
    """Load the payments of some invoices, oldest first."""
    return await _grouped(connection, "invoice_id", invoice_ids)


async def open_of_orders(
    connection: AsyncConnection, order_ids: Sequence[str]
) -> tuple[Payment, ...]:
    """Load the open payments of some orders, and of the invoices that charge them."""
    charging = select(invoice_lines.c.invoice_id).where(invoice_lines.c.order_id.in_(order_ids))
    theirs = or_(payments.c.order_id.in_(order_ids), payments.c.invoice_id.in_(charging))
    still_open = payments.c.status.in_([Status.REQUIRES_PAYMENT, Status.PROCESSING])
    result = await connection.execute(_payments(theirs & still_open))
    return tuple(map(rows.payment_from, result.mappings()))


async def find(connection: AsyncConnection, payment_id: str) -> Payment | None:
    """Load a payment."""
    return await _one(connection, payments.c.id == payment_id)


async def of_key(connection: AsyncConnection, key: bytes) -> list[tuple[bytes, Payment]]:
    """Load the payments that requests of a key began, each with its request, newest first."""
    its = payments.c.request.between(key, key + b"\xff" * len(key))
    query = _payments(its).order_by(None).order_by(payments.c.id.desc())
    rows_found = (await connection.execute(query)).mappings()
    return [(row["request"], rows.payment_from(row)) for row in rows_found]


async def lock(connection: AsyncConnection, payment_id: str) -> tuple[Order, Payment]:
    """Load an order's payment and its order, and keep others from changing either."""
    query = (
        select(orders)
        .join(payments, payments.c.order_id == orders.c.id)
        .where(payments.c.id == payment_id)
    )
    its = (
        (await connection.execute(query.with_for_update(of=orders, key_share=True)))
        .mappings()
        .one()
    )
    payment = (await connection.execute(_payments(payments.c.id == payment_id))).mappings().one()
    return rows.order_from(its), rows.payment_from(payment)


async def locked(connection: AsyncConnection, known: Payment) -> Payment:
    """Load a payment as it is now, and keep others from changing it.

    The row of what it pays is the lock: its order's, or its invoice's.
    """
    if known.order_id:
        return (await lock(connection, known.id))[1]
    its = select(invoices.c.id).where(invoices.c.id == known.invoice_id)
    await connection.execute(its.with_for_update())
    return await known_as(connection, known.id)


async def known_as(connection: AsyncConnection, payment_id: str) -> Payment:
    """Load a payment that there is; raises LookupError for none."""
    payment = await find(connection, payment_id)
    if payment is None:
        raise LookupError(payment_id)
    return payment


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


async def _grouped(
    connection: AsyncConnection, column: str, ids: Sequence[str]
) -> dict[str, tuple[Payment, ...]]:
    found: dict[str, tuple[Payment, ...]] = dict.fromkeys(ids, ())
    result = await connection.execute(_payments(payments.c[column].in_(ids)))
    for row in result.mappings():
        found[row[column]] += (rows.payment_from(row),)
    return found


def _payments(wanted: ColumnElement[bool]) -> Select[tuple[object, ...]]:
    whose = func.coalesce(orders.c.partner_id, invoices.c.partner_id).label("partner_id")
    query = select(payments, whose, orders.c.quote_id).outerjoin(
        orders, orders.c.id == payments.c.order_id
    )
    query = query.outerjoin(invoices, invoices.c.id == payments.c.invoice_id)
    return query.where(wanted).order_by(payments.c.id)
