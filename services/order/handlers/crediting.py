"""Making credit notes."""

from __future__ import annotations

from collections.abc import Mapping

from services.order.domain.credit_note import CreditNote, credited
from services.order.domain.invoice import Invoice, Status, void
from services.order.domain.issuer import Kind
from services.order.outgoing.invoices import published, published_note
from services.order.repository import billing, credit_notes, invoices
from shared.database import Transaction
from shared.events import Outgoing
from shared.ids import new_id
from shared.money import Money


async def credit(
    work: Transaction, invoice: Invoice, asked: Mapping[int, Money], reason: str
) -> tuple[Invoice, CreditNote, tuple[Outgoing, ...]]:
    """Take amounts back from lines of a locked invoice; one of which nothing is left is void.

    Raises NothingToCredit or TooMuch.
    """
    after, lines = credited(invoice, asked)
    issuer = await billing.the_issuer(work.connection)
    number, _ = await billing.next_number(
        work.connection, invoice.partner_id, Kind.CREDIT_NOTE, issuer, work.now
    )
    note = CreditNote(
        id=new_id("crn"),
        partner_id=invoice.partner_id,
        invoice_id=invoice.id,
        invoice_number=invoice.issue.number if invoice.issue else "",
        number=number,
        currency=invoice.currency,
        reason=reason,
        lines=lines,
        created_at=work.now,
    )
    await credit_notes.add(work.connection, note)
    await invoices.save_credits(work.connection, after, [line.position for line in lines])
    told = [published_note(note, invoice.contact)]
    if after.status is Status.OPEN and after.amount_due.amount == 0:
        after, event = void(after, reason)
        await invoices.save(work.connection, after)
        told.append(published(event))
    return after, note, tuple(told)
