"""Paying an invoice on its own page: whoever has its link may see it, and pay it."""

from __future__ import annotations

import hashlib

from services.order.domain.bill import Bill
from services.order.domain.checkout import Stage
from services.order.domain.invoice import Invoice
from services.order.handlers.checkout_page import HELD_SECONDS, PAY_SECONDS, seen
from services.order.handlers.documents import linked
from services.order.handlers.invoice_paying import Attempt, pay_invoice
from services.order.handlers.paying import Means
from services.order.handlers.settling import Till
from services.order.repository import ledger
from shared.auth import Caller, Scope
from shared.idempotency import Once
from shared.prefer import until


async def show(till: Till, invoice_id: str, key: str, *, held: bool = False) -> Bill:
    """Tell where an invoice stands, if `held` once a payment is decided; raises a 404 Problem."""

    async def decided() -> Bill | None:
        now = await _stands(till, invoice_id, key)
        return None if now.stage is Stage.SETTLING else now

    found = await until(decided, HELD_SECONDS) if held else None
    return found or await _stands(till, invoice_id, key)


async def pay(till: Till, invoice: Invoice, token: str, attempt: str) -> None:
    """Pay an invoice; the same attempt makes one payment. Raises a Problem, as for the API."""
    payer = Caller("checkout", invoice.partner_id, frozenset({Scope.PARTNER}))
    chosen = hashlib.sha256(f"{invoice.id} {token}".encode()).digest()
    once: Once[Attempt] = Once(f"checkout {invoice.id}", attempt, chosen, seen)
    means = Means("card", token, "/card")
    await pay_invoice(till, payer, invoice.id, means, once, wait=PAY_SECONDS)


async def _stands(till: Till, invoice_id: str, key: str) -> Bill:
    async with till.database.reading() as connection:
        invoice = await linked(connection, invoice_id, key)
        paid = await ledger.of_invoices(connection, [invoice_id])
        charged = sorted({line.order_id for line in invoice.lines})
        underway = await ledger.open_of_orders(connection, charged)
    return Bill(invoice, paid[invoice_id], underway)
