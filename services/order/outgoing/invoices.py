"""Invoices and credit notes, as others are told of them."""

from __future__ import annotations

from services.order.domain.credit_note import CreditLine, CreditNote
from services.order.domain.invoice import Invoice, InvoiceEvent, InvoiceLine
from services.order.domain.tax_summary import by_name
from services.order.domain.terms import Contact as Person
from shared.contracts import CreditNoteV1, InvoiceV1
from shared.contracts.common import Amount, Contact, TaxShare
from shared.contracts.order import CreditNoteLine
from shared.contracts.order import InvoiceLine as Line
from shared.events import Outgoing
from shared.money import Money


def published(event: InvoiceEvent) -> Outgoing:
    """Put an invoice's event into its contract."""
    invoice = event.invoice
    return Outgoing(
        type=event.announcement,
        subject=invoice.id,
        partner_id=invoice.partner_id,
        sequence=invoice.sequence,
        data=snapshot(invoice),
    )


def published_note(note: CreditNote, contact: Person | None) -> Outgoing:
    """Put a new credit note into its contract; it never changes."""
    return Outgoing(
        type="credit-note.created",
        subject=note.id,
        partner_id=note.partner_id,
        sequence=1,
        data=note_snapshot(note, contact),
    )


def snapshot(invoice: Invoice) -> InvoiceV1:
    """Show the whole invoice."""
    issue, receipt = invoice.issue, invoice.receipt
    return InvoiceV1(
        id=invoice.id,
        partner_id=invoice.partner_id,
        order_id=invoice.order_id,
        deal_id=invoice.deal_id,
        number=issue and issue.number,
        status=invoice.status,
        lines=tuple(map(_line, invoice.lines)),
        subtotal=_amount(invoice.subtotal),
        tax=_amount(invoice.tax),
        taxes=tuple(
            TaxShare(
                name=each.name,
                tax_rate=each.tax_rate,
                jurisdiction=each.jurisdiction,
                amount=_amount(each.amount),
            )
            for each in by_name(invoice.lines, invoice.currency)
        ),
        total=_amount(invoice.total),
        credited=_amount(invoice.credited),
        amount_due=_amount(invoice.amount_due),
        issued_at=invoice.issued_at,
        due_on=issue and issue.due_on,
        paid_at=invoice.paid_at,
        payment_method=receipt and receipt.means,
        payment_id=receipt and receipt.payment_id,
        payment_reference=receipt and receipt.reference,
        reason=invoice.reason,
        rolled_into=invoice.rolled_into,
        pdf_url=_link(invoice),
        pay_url=_page(invoice),
        contact=_contact(invoice.contact),
        created_at=invoice.created_at,
    )


def note_snapshot(note: CreditNote, contact: Person | None) -> CreditNoteV1:
    """Show a credit note, and whom to tell of it."""
    return CreditNoteV1(
        id=note.id,
        partner_id=note.partner_id,
        invoice_id=note.invoice_id,
        invoice_number=note.invoice_number,
        number=note.number,
        reason=note.reason,
        lines=tuple(map(_note_line, note.lines)),
        subtotal=_amount(note.subtotal),
        tax=_amount(note.tax),
        total=_amount(note.total),
        contact=_contact(contact),
        created_at=note.created_at,
    )


def _link(invoice: Invoice) -> str | None:
    if invoice.issue is None or invoice.issue.key is None:
        return None
    return f"/v1/invoices/{invoice.id}/{invoice.issue.key}.pdf"


def _page(invoice: Invoice) -> str | None:
    if invoice.issue is None or invoice.issue.key is None or not invoice.amount_due.amount:
        return None
    return f"/checkout/invoices/{invoice.id}/{invoice.issue.key}"


def _line(line: InvoiceLine) -> Line:
    return Line.model_validate(line, from_attributes=True)


def _note_line(line: CreditLine) -> CreditNoteLine:
    return CreditNoteLine.model_validate(line, from_attributes=True)


def _contact(contact: Person | None) -> Contact | None:
    return Contact.model_validate(contact, from_attributes=True) if contact else None


def _amount(money: Money) -> Amount:
    return Amount(amount=money.amount, currency=money.currency)
