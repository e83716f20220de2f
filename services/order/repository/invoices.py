"""Loads and saves invoices with their lines; an invoice's row is the lock on all of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Text, bindparam, cast, func, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.order.domain.invoice import Invoice, Status
from services.order.repository import invoice_rows as rows
from services.order.tables.invoices import invoice_lines, invoices
from shared.auth import Caller

ANY = true()

LINES_OF_A_PAGE = 2000
"""Of all invoices on it, unless the first has more: these take a tenth of a second."""


def visible_to(caller: Caller) -> ColumnElement[bool]:
    """Match a partner's own invoices; all of them for an operator."""
    return ANY if caller.is_operator else invoices.c.partner_id == caller.partner_id


async def add(connection: AsyncConnection, invoice: Invoice) -> None:
    """Insert an invoice and its lines."""
    await connection.execute(insert(invoices).values(rows.invoice_row(invoice)))
    if invoice.lines:
        await connection.execute(insert(invoice_lines).values(rows.line_rows(invoice)))


async def save(connection: AsyncConnection, invoice: Invoice) -> None:
    """Write a locked invoice back; its lines never change."""
    values = rows.invoice_row(invoice)
    await connection.execute(update(invoices).where(invoices.c.id == invoice.id).values(values))


async def save_credits(
    connection: AsyncConnection, invoice: Invoice, positions: Sequence[int]
) -> None:
    """Write back what was credited of some lines of a locked invoice."""
    statement = (
        update(invoice_lines)
        .where(
            invoice_lines.c.invoice_id == invoice.id,
            invoice_lines.c.position == bindparam("place"),
        )
        .values(credited_price=bindparam("net"), credited_tax=bindparam("taxed"))
    )
    changed = [(position, invoice.lines[position - 1]) for position in positions]
    await connection.execute(
        statement,
        [
            {
                "place": position,
                "net": line.credited_price.amount,
                "taxed": line.credited_tax.amount,
            }
            for position, line in changed
        ],
    )


async def load(
    connection: AsyncConnection,
    invoice_id: str,
    visible: ColumnElement[bool],
    *,
    lock: bool = False,
) -> Invoice | None:
    """Load one invoice if it is visible; `lock` holds it until the transaction ends."""
    query = select(invoices).where(invoices.c.id == invoice_id, visible)
    found = await _all(connection, query.with_for_update() if lock else query)
    return found[0] if found else None


async def lock_of_order(connection: AsyncConnection, order_id: str) -> list[Invoice]:
    """Load the invoices that charge an order and stand, the deal's final one among them."""
    charging = select(invoice_lines.c.invoice_id).where(invoice_lines.c.order_id == order_id)
    query = select(invoices).where(invoices.c.id.in_(charging), invoices.c.status != Status.VOID)
    return await _all(connection, query.order_by(invoices.c.id).with_for_update())


async def lock_open_of_order(connection: AsyncConnection, order_id: str) -> list[Invoice]:
    """Load an order's own open invoices, oldest first."""
    query = select(invoices).where(
        invoices.c.order_id == order_id, invoices.c.status == Status.OPEN
    )
    return await _all(connection, query.order_by(invoices.c.id).with_for_update())


async def lock_drafts_of_deal(connection: AsyncConnection, deal_id: str) -> list[Invoice]:
    """Load what is to be rolled up into a deal's final invoice."""
    query = select(invoices).where(invoices.c.deal_id == deal_id, invoices.c.status == Status.DRAFT)
    return await _all(connection, query.order_by(invoices.c.id).with_for_update())


async def of_deal(connection: AsyncConnection, deal_id: str) -> list[Invoice]:
    """Load every invoice of a deal, oldest first."""
    query = select(invoices).where(invoices.c.deal_id == deal_id).order_by(invoices.c.id)
    return await _all(connection, query)


class Waiting(NamedTuple):
    """What waits to be rolled up: lines, and the bytes of what they say as JSON."""

    lines: int
    text_bytes: int


async def waiting_of_deal(connection: AsyncConnection, deal_id: str) -> Waiting:
    """Count the lines that wait to be rolled up."""
    waiting = (invoices.c.deal_id == deal_id) & (invoices.c.status == Status.DRAFT)
    said = func.octet_length(cast(func.to_json(invoice_lines.c.description), Text))
    query = select(func.count(), func.coalesce(func.sum(said), 0))
    found = await connection.execute(query.select_from(invoice_lines.join(invoices)).where(waiting))
    return Waiting(*found.one())


async def page(
    connection: AsyncConnection,
    conditions: Iterable[ColumnElement[bool]],
    *,
    before: str | None,
    limit: int,
) -> tuple[list[Invoice], bool]:
    """Load invoices, newest first, and tell whether there are more.

    They are fewer than `limit` where those would have very many lines.
    """
    its = select(func.count()).where(invoice_lines.c.invoice_id == invoices.c.id)
    query = select(invoices.c.id, its.scalar_subquery()).where(*conditions)
    query = query.order_by(invoices.c.id.desc()).limit(limit + 1)
    if before:
        query = query.where(invoices.c.id < before)
    found = (await connection.execute(query)).all()
    upto = accumulate(lines for _, lines in found)
    fitting = sum(1 for lines in upto if lines <= LINES_OF_A_PAGE)
    shown = [invoice_id for invoice_id, _ in found[: min(limit, max(fitting, 1))]]
    these = select(invoices).where(invoices.c.id.in_(shown)).order_by(invoices.c.id.desc())
    return await _all(connection, these), len(shown) < len(found)


async def _all(connection: AsyncConnection, query: Select[Any]) -> list[Invoice]:
    found = (await connection.execute(query)).mappings().all()
    if not found:
        return []
    own = invoice_lines.c.invoice_id.in_([row["id"] for row in found])
    lines = select(invoice_lines).where(own).order_by(invoice_lines.c.position)
    its: dict[str, list[Any]] = {row["id"]: [] for row in found}
    for line in (await connection.execute(lines)).mappings():
        its[line["invoice_id"]].append(line)
    return [rows.invoice_from(row, its[row["id"]]) for row in found]
