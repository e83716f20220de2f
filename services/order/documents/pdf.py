"""Documents as PDF: tagged for readers who listen, and PDF/A-2a for archives where that can be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import structlog
import typst
from babel.dates import format_date
from babel.numbers import format_percent

from services.order.documents.document import Document, Row
from services.order.domain.invoice import Status
from services.order.domain.tax_summary import UNNAMED
from services.order.pages.formats import money, tax

TEMPLATE = Path(__file__).with_name("document.typ")
LOCALE = "en"
_FONTS = typst.Fonts(include_system_fonts=True)
STAMPS = {Status.PAID: ("Paid", "#1a6b3c"), Status.VOID: ("Void", "#9b1c1c")}

log = structlog.get_logger(__name__)


def written(document: Document, labels: Mapping[str, str]) -> bytes:
    """Write a document; `labels` name its orders."""
    inputs = {"document": orjson.dumps(_said(document, labels)).decode()}
    # A stated moment, so that the same document is the same to the byte.
    at = datetime.combine(document.issued_on, time(), UTC)
    compiler = typst.Compiler(TEMPLATE, font_paths=_FONTS, sys_inputs=inputs)
    try:
        made = compiler.compile(format="pdf", pdf_standards=["a-2a", "ua-1"], timestamp=at)
    except typst.TypstError as refused:
        # No font here has some letter of a name; an archive's PDF would have to show them all.
        log.warning("document.not_archivable", number=document.number, error=refused.message[:200])
        made = compiler.compile(format="pdf", timestamp=at)
    if not isinstance(made, bytes):
        raise TypeError("one PDF is one run of bytes")
    return made


def _said(document: Document, labels: Mapping[str, str]) -> dict[str, Any]:
    credit = document.credits is not None
    title = f"{'Credit note' if credit else 'Invoice'} {document.number}"
    stamp = STAMPS.get(Status(document.status)) if not credit else None
    return {
        "title": title,
        "stamp": stamp and stamp[0],
        "stamp_color": stamp and stamp[1],
        "date": {part: getattr(document.issued_on, part) for part in ("year", "month", "day")},
        "words": {"seller": "From", "buyer": "To", "details": "Details", "page": "Page"},
        "seller": {"name": document.seller["name"], "lines": _address(document.seller)},
        "buyer": {"lines": _address(document.buyer)},
        "facts": _facts(document),
        "columns": ["#", "Work", "Quantity", "Price", "Tax", "Total"],
        "groups": _groups(document, labels),
        "sums": _sums(document),
        "due": ("Credited" if credit else "Amount due", money(document.amount_due)),
        "notes": _notes(document),
        "footer": f"{document.seller['name']}  ·  {document.number}",
    }


def _facts(document: Document) -> list[tuple[str, str]]:
    facts = [
        ("Date", document.issued_on),
        ("Due", document.due_on),
        ("Paid", document.paid_on),
    ]
    told = [(name, format_date(day, "d MMM y", locale=LOCALE)) for name, day in facts if day]
    if document.credits:
        told.append(("For", document.credits))
    return told


def _address(party: Mapping[str, Any]) -> list[str]:
    place = " ".join(filter(None, (party.get("postcode"), party.get("city"), party.get("country"))))
    lines = [party["name"], party.get("street"), place, party.get("email")]
    for name, label in (("tax_id", "Tax no."), ("registration_id", "Reg. no.")):
        lines.append(f"{label} {party[name]}" if party.get(name) else None)
    return [line for line in lines if line]


def _groups(document: Document, labels: Mapping[str, str]) -> list[dict[str, Any]]:
    groups: dict[str, list[list[str]]] = {}
    for row in document.rows:
        groups.setdefault(row.order_id, []).append(_cells(row))
    return [{"title": labels.get(id_, id_), "rows": rows} for id_, rows in groups.items()]


def _cells(row: Row) -> list[str]:
    return [
        str(row.position),
        row.description,
        str(row.quantity),
        money(row.price),
        _percent(row.rate),
        money(row.price + row.tax),
    ]


def _sums(document: Document) -> list[tuple[str, str]]:
    credited = document.credited
    return [
        ("Subtotal", money(document.subtotal)),
        *_taxes(document),
        ("Total", money(document.total)),
        *([("Credited", f"- {money(credited)}")] if credited else []),
    ]


def _taxes(document: Document) -> Iterable[tuple[str, str]]:
    """Show each tax apart where they have names, else by rate."""
    if any(share.name != UNNAMED for share in document.taxes_by_name):
        for share in document.taxes_by_name:
            yield tax(share), money(share.amount)
        return
    for group in document.taxes:
        yield f"Tax {_percent(group.rate)} of {money(group.taxable)}", money(group.tax)


def _notes(document: Document) -> list[str]:
    notes = [f"Reason: {document.reason}"] if document.reason else []
    account = document.seller.get("bank_account")
    if account and document.due_on and document.amount_due.amount:
        notes.append(f"Please pay to {account}, and name {document.number}.")
    return notes


def _percent(rate: Decimal) -> str:
    return format_percent(rate / 100, "0.##%", locale=LOCALE)
