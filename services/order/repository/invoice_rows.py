"""Between invoices and their rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import RowMapping

from services.order.domain.invoice import Invoice, InvoiceLine, Issue, Means, Receipt, Status
from services.order.domain.terms import Contact, TaxShare
from shared.money import Money

_TAXES = TypeAdapter(tuple[TaxShare, ...])
_SAME = (
    "id",
    "partner_id",
    "order_id",
    "deal_id",
    "currency",
    "issued_at",
    "paid_at",
    "reason",
    "rolled_into",
    "sequence",
    "created_at",
)


def invoice_row(invoice: Invoice) -> dict[str, Any]:
    """Flatten an invoice without its lines."""
    issue, receipt = invoice.issue, invoice.receipt
    return {name: getattr(invoice, name) for name in _SAME} | {
        "status": invoice.status,
        "contact": invoice.contact and asdict(invoice.contact),
        "number": issue and issue.number,
        "due_on": issue and issue.due_on,
        "seller": issue and dict(issue.seller),
        "buyer": issue and dict(issue.buyer),
        "document_key": issue and issue.key,
        "means": receipt and receipt.means,
        "payment_id": receipt and receipt.payment_id,
        "payment_reference": receipt and receipt.reference,
    }


def line_rows(invoice: Invoice) -> list[dict[str, Any]]:
    """Flatten an invoice's lines; they have its currency."""
    return [
        {
            "invoice_id": invoice.id,
            "position": position,
            "order_id": line.order_id,
            "item_id": line.item_id,
            "event_id": line.event_id,
            "description": line.description,
            "quantity": line.quantity,
            "price": line.price.amount,
            "tax": line.tax.amount,
            "credited_price": line.credited_price.amount,
            "credited_tax": line.credited_tax.amount,
            "taxes": _TAXES.dump_python(line.taxes, mode="json"),
        }
        for position, line in enumerate(invoice.lines, 1)
    ]


def invoice_from(row: RowMapping, lines: Sequence[RowMapping]) -> Invoice:
    """Rebuild an invoice from its row and its lines' in their order."""
    contact, issue, receipt = row["contact"], None, None
    if row["number"]:
        named = (row[name] for name in ("number", "due_on", "seller", "buyer", "document_key"))
        issue = Issue(*named)
    if row["means"]:
        receipt = Receipt(Means(row["means"]), row["payment_id"], row["payment_reference"])
    return Invoice(
        **{name: row[name] for name in _SAME},
        status=Status(row["status"]),
        lines=tuple(_line(line, row["currency"]) for line in lines),
        contact=contact and Contact(**contact),
        issue=issue,
        receipt=receipt,
    )


def _line(row: RowMapping, currency: str) -> InvoiceLine:
    return InvoiceLine(
        order_id=row["order_id"],
        item_id=row["item_id"],
        event_id=row["event_id"],
        description=row["description"],
        quantity=row["quantity"],
        price=Money(row["price"], currency),
        tax=Money(row["tax"], currency),
        credited_price=Money(row["credited_price"], currency),
        credited_tax=Money(row["credited_tax"], currency),
        taxes=_TAXES.validate_python(row["taxes"]),
    )
