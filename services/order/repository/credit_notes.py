"""Loads and saves credit notes; they never change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.order.domain.credit_note import CreditLine, CreditNote
from services.order.tables.invoices import (
    credit_note_lines,
    credit_notes,
    invoice_lines,
    invoices,
)
from shared.money import Money


async def add(connection: AsyncConnection, note: CreditNote) -> None:
    """Insert a credit note and its lines."""
    own = ("id", "invoice_id", "number", "reason", "created_at")
    row = {name: getattr(note, name) for name in own}
    await connection.execute(insert(credit_notes).values(row))
    lines = [
        {
            "credit_note_id": note.id,
            "position": line.position,
            "price": line.price.amount,
            "tax": line.tax.amount,
        }
        for line in note.lines
    ]
    await connection.execute(insert(credit_note_lines).values(lines))


async def of_invoices(
    connection: AsyncConnection, invoice_ids: Sequence[str]
) -> dict[str, tuple[CreditNote, ...]]:
    """Load the credit notes of some invoices, oldest first."""
    found: dict[str, tuple[CreditNote, ...]] = dict.fromkeys(invoice_ids, ())
    query = (
        select(
            credit_notes,
            invoices.c.partner_id,
            invoices.c.currency,
            invoices.c.number.label("invoice_number"),
        )
        .join(invoices)
        .where(credit_notes.c.invoice_id.in_(invoice_ids))
        .order_by(credit_notes.c.id)
    )
    notes = (await connection.execute(query)).mappings().all()
    lines = await _lines(connection, [row["id"] for row in notes])
    for row in notes:
        found[row["invoice_id"]] += (_note(row, lines[row["id"]]),)
    return found


async def _lines(connection: AsyncConnection, note_ids: Sequence[str]) -> dict[str, list[Any]]:
    charged = invoice_lines.c
    query = (
        select(
            credit_note_lines,
            charged.order_id,
            charged.item_id,
            charged.event_id,
            charged.description,
        )
        .join(credit_notes)
        .join(
            invoice_lines,
            (charged.invoice_id == credit_notes.c.invoice_id)
            & (charged.position == credit_note_lines.c.position),
        )
        .where(credit_note_lines.c.credit_note_id.in_(note_ids))
        .order_by(credit_note_lines.c.position)
    )
    found: dict[str, list[Any]] = {note_id: [] for note_id in note_ids}
    for row in (await connection.execute(query)).mappings():
        found[row["credit_note_id"]].append(row)
    return found


def _note(row: RowMapping, lines: Sequence[RowMapping]) -> CreditNote:
    currency = row["currency"]
    return CreditNote(
        id=row["id"],
        partner_id=row["partner_id"],
        invoice_id=row["invoice_id"],
        invoice_number=row["invoice_number"],
        number=row["number"],
        currency=currency,
        reason=row["reason"],
        lines=tuple(
            CreditLine(
                position=line["position"],
                order_id=line["order_id"],
                item_id=line["item_id"],
                event_id=line["event_id"],
                description=line["description"],
                price=Money(line["price"], currency),
                tax=Money(line["tax"], currency),
            )
            for line in lines
        ),
        created_at=row["created_at"],
    )
