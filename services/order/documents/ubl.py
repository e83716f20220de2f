"""Documents as UBL 2.1 of EN 16931, which tax authorities and accounting programs read.

Source: EN 16931-1 for the terms (BT-1, BG-4, …), OASIS UBL 2.1 for the syntax.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.order.documents.document import Document, Row
from services.order.domain.invoice import Status
from services.order.domain.tax_summary import TaxGroup
from shared.money import Money, whole

INVOICE, CREDIT_NOTE = "380", "381"
BY_CREDIT_TRANSFER = "30"
ONE = "C62"
STANDARD, ZERO_RATED = "S", "Z"


class NotTold(Exception):
    """A void invoice has no form in the standard."""


class Incomplete(ValueError):
    """What the standard demands and nobody gave; `missing` names it by party and field."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        self.missing = missing
        super().__init__(", ".join(missing))


def written(document: Document) -> bytes:
    """Write a document, checked against the schema; raises NotTold or Incomplete.

    The standard's own rules (schematron) hold by construction: a test runs them.
    """
    if document.status == Status.VOID:
        raise NotTold(document.number)
    missing = tuple(
        f"{name}.{field}"
        for name, party, fields in (
            ("seller", document.seller, ("country", "tax_id")),
            ("buyer", document.buyer, ("country",)),
        )
        for field in fields
        if not party.get(field)
    )
    if missing:
        raise Incomplete(missing)
    # Takes 0.4 s to import, which no start should wait for.
    from facturx import generate_xml

    xml: bytes = generate_xml(
        _terms(document), flavor="ubl-2.1", level="en16931", check_schematron=False
    )
    return xml


def _terms(document: Document) -> dict[str, Any]:
    settled = document.total - document.amount_due
    credit = document.credits is not None
    terms: dict[str, Any] = {
        "BT-1": document.number,
        "BT-2": document.issued_on,
        "BT-3": CREDIT_NOTE if credit else INVOICE,
        "BT-5": document.currency,
        "BT-20": None if document.due_on else "Nothing is to be paid.",
        "BG-4": _party(document.seller),
        "BG-7": _party(document.buyer),
        "BG-23": [_tax(group) for group in document.taxes],
        "BG-25": [_line(row) for row in document.rows],
        "BT-106": _decimal(document.subtotal),
        "BT-109": _decimal(document.subtotal),
        "BT-110": _decimal(document.tax),
        "BT-112": _decimal(document.total),
        "BT-113": _decimal(settled) if settled.amount else None,
        "BT-115": _decimal(document.amount_due),
    }
    if document.due_on:
        terms["BT-9"] = document.due_on
    if document.deal_id:
        terms["BT-12"] = document.deal_id
    if document.reason:
        terms["BG-1"] = [{"BT-22": document.reason}]
    if credit:
        terms["BG-3"] = [{"BT-25": document.credits, "BT-26": document.credited_invoice_on}]
    if document.seller.get("bank_account"):
        terms |= {"BT-81": BY_CREDIT_TRANSFER, "BT-84": document.seller["bank_account"]}
    return {name: value for name, value in terms.items() if value is not None}


def _party(party: Mapping[str, Any]) -> dict[str, Any]:
    country, tax_id = party["country"], party.get("tax_id")
    # A VAT number of the union begins with its country; others' tax numbers don't.
    as_vat = tax_id and tax_id.startswith(country)
    named = {
        "name": party["name"],
        "addr_l1": party.get("street"),
        "city": party.get("city"),
        "postcode": party.get("postcode"),
        "country_code": country,
        "legal_identifier": party.get("registration_id") or tax_id,
        "vat_identifier" if as_vat else "tax_identifier": tax_id,
        "contacts": [{"email": party["email"]}] if party.get("email") else None,
    }
    return {name: value for name, value in named.items() if value}


def _tax(group: TaxGroup) -> dict[str, Any]:
    return {
        "BT-116": _decimal(group.taxable),
        "BT-117": _decimal(group.tax),
        "BT-118": STANDARD if group.rate else ZERO_RATED,
        "BT-119": str(group.rate),
    }


def _line(row: Row) -> dict[str, Any]:
    return {
        "BT-126": str(row.position),
        "BT-129": str(row.quantity),
        "BT-130": ONE,
        "BT-131": _decimal(row.price),
        # The price was agreed for the whole, and need not divide by the quantity.
        "BT-146": _decimal(row.price),
        "BT-149": str(row.quantity),
        "BT-151": STANDARD if row.rate else ZERO_RATED,
        "BT-152": str(row.rate),
        "BT-153": row.description,
        "BT-128": {None: row.item_id},
    }


def _decimal(money: Money) -> str:
    return f"{whole(money.amount, money.currency):f}"
