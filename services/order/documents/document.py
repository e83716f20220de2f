"""What a document says, whatever it is written as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from services.order.domain.credit_note import CreditNote
from services.order.domain.invoice import Invoice, InvoiceLine, Issue, Status
from services.order.domain.tax_summary import TaxGroup, by_name, groups, rates
from services.order.domain.terms import TaxShare
from shared.money import Money


class NotIssued(Exception):
    """A draft is no document yet."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line: the money is for the whole quantity, `rate` in percent."""

    position: int
    order_id: str
    item_id: str
    description: str
    quantity: int
    price: Money
    tax: Money
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Document:
    """An invoice, or the credit note of the invoice that `credits` numbers."""

    number: str
    status: str
    currency: str
    issued_on: date
    due_on: date | None
    seller: Mapping[str, Any]
    buyer: Mapping[str, Any]
    rows: tuple[Row, ...]
    taxes: tuple[TaxGroup, ...]
    subtotal: Money
    tax: Money
    total: Money
    amount_due: Money
    credits: str | None = None
    credited_invoice_on: date | None = None
    reason: str | None = None
    paid_on: date | None = None
    credited: Money | None = None
    deal_id: str | None = None
    taxes_by_name: tuple[TaxShare, ...] = ()


def of_invoice(invoice: Invoice) -> Document:
    """Make an invoice's document; raises NotIssued."""
    issue = _issue(invoice)
    lines = [(line.price, line.tax) for line in invoice.lines]
    return Document(
        number=issue.number,
        status=invoice.status,
        currency=invoice.currency,
        issued_on=_day(issue, invoice.issued_at or invoice.created_at),
        due_on=issue.due_on,
        seller=issue.seller,
        buyer=issue.buyer,
        rows=_rows(enumerate(invoice.lines, 1), lines),
        taxes=groups(lines, invoice.currency),
        subtotal=invoice.subtotal,
        tax=invoice.tax,
        total=invoice.total,
        amount_due=invoice.amount_due,
        reason=invoice.reason if invoice.status is Status.VOID else None,
        paid_on=_day(issue, invoice.paid_at) if invoice.paid_at else None,
        credited=invoice.credited if invoice.credited.amount else None,
        deal_id=invoice.deal_id,
        taxes_by_name=by_name(invoice.lines, invoice.currency),
    )


def of_credit_note(note: CreditNote, invoice: Invoice) -> Document:
    """Make a credit note's document; raises NotIssued."""
    issue = _issue(invoice)
    lines = [(line.price, line.tax) for line in note.lines]
    charged = [(line.position, invoice.lines[line.position - 1]) for line in note.lines]
    return Document(
        number=note.number,
        status="issued",
        currency=note.currency,
        issued_on=_day(issue, note.created_at),
        due_on=None,
        seller=issue.seller,
        buyer=issue.buyer,
        rows=_rows(charged, lines),
        taxes=groups(lines, note.currency),
        subtotal=note.subtotal,
        tax=note.tax,
        total=note.total,
        amount_due=note.total,
        credits=note.invoice_number,
        credited_invoice_on=_day(issue, invoice.issued_at or invoice.created_at),
        reason=note.reason,
        deal_id=invoice.deal_id,
    )


def _rows(
    charged: Sequence[tuple[int, InvoiceLine]] | enumerate[InvoiceLine],
    lines: Sequence[tuple[Money, Money]],
) -> tuple[Row, ...]:
    each = zip(charged, lines, rates(lines), strict=True)
    return tuple(
        Row(position, line.order_id, line.item_id, line.description, line.quantity, net, tax, rate)
        for (position, line), (net, tax), rate in each
    )


def _issue(invoice: Invoice) -> Issue:
    if invoice.issue is None:
        raise NotIssued(invoice.id)
    return invoice.issue


def _day(issue: Issue, at: datetime) -> date:
    return at.astimezone(ZoneInfo(issue.seller.get("time_zone") or "UTC")).date()
