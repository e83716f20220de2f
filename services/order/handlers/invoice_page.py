"""Paying an invoice on its own page: whoever has its link may see it, and pay it."""

from __future__ import annotations

from dataclasses import dataclass

from services.order.domain import standing
from services.order.domain.invoice import Invoice
from services.order.domain.standing import Standing
from services.order.handlers import by_page
from services.order.handlers.by_page import PAY_SECONDS
from services.order.handlers.documents import linked
from services.order.handlers.invoice_paying import pay_invoice
from services.order.handlers.settling import Till
from services.order.repository import ledger


@dataclass(frozen=True, slots=True)
class Bill:
    """An issued invoice, and where its payment stands."""

    invoice: Invoice
    standing: Standing


async def show(till: Till, invoice_id: str, key: str, *, held: bool = False) -> Bill:
    """Tell where an invoice stands, if `held` once a payment is decided; raises a 404 Problem."""

    async def read() -> Bill:
        async with till.database.reading() as connection:
            invoice = await linked(connection, invoice_id, key)
            paid = await ledger.of_invoices(connection, [invoice_id])
            charged = sorted({line.order_id for line in invoice.lines})
            underway = await ledger.open_of_orders(connection, charged)
        return Bill(invoice, standing.of_invoice(invoice, paid[invoice_id], underway))

    return await by_page.shown(read, held=held)


async def pay(till: Till, invoice: Invoice, token: str, attempt: str) -> None:
    """Pay an invoice; the same attempt makes one payment. Raises a Problem, as for the API."""
    form = by_page.paying(invoice.partner_id, invoice.id, token, attempt)
    await pay_invoice(till, form.payer, invoice.id, form.means, form.once, wait=PAY_SECONDS)
