"""Invoices and credit notes as documents, for their partner or for whoever has the link."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncConnection

from services.order.documents import pdf, ubl
from services.order.documents.document import Document, NotIssued, of_credit_note, of_invoice
from services.order.domain.invoice import Invoice
from services.order.pages.formats import vehicle
from services.order.repository import credit_notes, invoices, orders
from shared.auth import Caller
from shared.database import Database
from shared.problems import Problem, not_found
from shared.writing import Line, in_turn


@dataclass(frozen=True, slots=True)
class Paper:
    """A finished document, and what it is to be saved as."""

    content: bytes
    media_type: str
    name: str


Write = Callable[[Document, dict[str, str], Line], Awaitable[Paper]]
"""Writes a document with its orders' names, in the turn of a line of those who ask."""


async def as_pdf(document: Document, labels: dict[str, str], line: Line) -> Paper:
    """Write a document for people; raises TimeoutError where too many are asked for in a line."""
    content = await in_turn(line, partial(pdf.written, document, labels))
    return Paper(content, "application/pdf", f"{document.number}.pdf")


async def as_xml(document: Document, _: dict[str, str], line: Line) -> Paper:
    """Write a document for machines; raises a 409 Problem that names what is missing."""
    try:
        content = await in_turn(line, partial(ubl.written, document))
    except ubl.NotTold:
        raise Problem(409, "invoice-void", "A void invoice has no such form.") from None
    except ubl.Incomplete as incomplete:
        detail = (
            f"EN 16931 asks for {incomplete}: set it by PUT /v1/billing/details or "
            "/v1/billing/issuer; it holds for invoices from then on."
        )
        raise Problem(
            409, "billing-details-missing", detail, extra={"missing": incomplete.missing}
        ) from None
    return Paper(content, "application/xml", f"{document.number}.xml")


async def of_callers(database: Database, caller: Caller, invoice_id: str, write: Write) -> Paper:
    """Write an invoice of the caller's; raises a Problem: 404, or 409 for a draft."""
    async with database.reading() as connection:
        invoice = await _found(connection, invoice_id, invoices.visible_to(caller))
        labels = await _labels(connection, invoice)
    return await write(_issued(invoice), labels, (caller.partner_id,))


async def by_link(database: Database, invoice_id: str, key: str) -> Paper:
    """Write an invoice as PDF for whoever has its link; another key is a 404 like a wrong id."""
    async with database.reading() as connection:
        invoice = await linked(connection, invoice_id, key)
        labels = await _labels(connection, invoice)
    line = invoice.id, f"links of {invoice.partner_id}"
    return await as_pdf(_issued(invoice), labels, line)


async def linked(connection: AsyncConnection, invoice_id: str, key: str) -> Invoice:
    """Load an invoice for whoever has its link; raises a 404 Problem for another key, too."""
    invoice = await _found(connection, invoice_id, invoices.ANY)
    known = invoice.issue.key if invoice.issue else None
    if known is None or not hmac.compare_digest(known.encode(), key.encode()):
        raise not_found("invoice")
    return invoice


async def of_note(
    database: Database, caller: Caller, invoice_id: str, note_id: str, write: Write
) -> Paper:
    """Write a credit note of the caller's; raises a 404 Problem for none of them."""
    async with database.reading() as connection:
        invoice = await _found(connection, invoice_id, invoices.visible_to(caller))
        notes = (await credit_notes.of_invoices(connection, [invoice_id]))[invoice_id]
        note = next((each for each in notes if each.id == note_id), None)
        if note is None:
            raise not_found("credit note")
        labels = await _labels(connection, invoice)
    return await write(of_credit_note(note, invoice), labels, (caller.partner_id,))


async def _found(
    connection: AsyncConnection, invoice_id: str, visible: ColumnElement[bool]
) -> Invoice:
    invoice = await invoices.load(connection, invoice_id, visible)
    if invoice is None:
        raise not_found("invoice")
    return invoice


def _issued(invoice: Invoice) -> Document:
    try:
        return of_invoice(invoice)
    except NotIssued:
        detail = "A draft is no document yet: it is issued when its deal is closed."
        raise Problem(409, "invoice-not-issued", detail) from None


async def _labels(connection: AsyncConnection, invoice: Invoice) -> dict[str, str]:
    """Name each order by its vehicle, the partner's own reference and its id."""
    ids: Iterable[str] = dict.fromkeys(line.order_id for line in invoice.lines)
    found = await orders.of_ids(connection, list(ids))
    return {
        order.id: " · ".join(
            filter(None, (vehicle(order.terms.vehicle), order.external_reference, order.id))
        )
        for order in found
    }
