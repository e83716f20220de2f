"""Paying an open invoice by card, as its partner."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from services.order.domain.payment import Payment, Status
from services.order.handlers import charging, refusals
from services.order.handlers.invoices import View, view
from services.order.handlers.paying import (
    Means,
    Purchase,
    check_settled,
    deadline_in,
    pay,
    verify,
)
from services.order.handlers.settling import Till
from services.order.repository import invoices, ledger
from shared.auth import Caller
from shared.database import Transaction
from shared.idempotency import Answer, Once
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class Attempt:
    """An invoice as it stands, and the payment that was just made for it."""

    view: View
    payment: Payment


async def pay_invoice(
    till: Till, caller: Caller, invoice_id: str, means: Means, once: Once[Attempt], *, wait: float
) -> Answer:
    """Pay what is due of an open invoice; the orders that it charges are paid by it."""
    deadline = deadline_in(wait)
    await verify(till, means)
    purchase = Purchase(partial(_opened, caller, invoice_id), _attempt)
    return await pay(till, caller, purchase, means, once, deadline)


async def _opened(caller: Caller, invoice_id: str, work: Transaction, means: Means) -> Payment:
    held = await charging.hold(work, invoice_id, invoices.visible_to(caller))
    invoice = held.invoice
    if not invoice.amount_due.amount:
        raise refusals.invoice_not_due(invoice)
    # Of the orders, too: a card that is being charged for one would pay the same twice.
    charged = [order.id for order in held.orders]
    check_settled(await ledger.open_of_orders(work.connection, charged))
    return Payment(
        id=new_id("pay"),
        order_id=None,
        partner_id=invoice.partner_id,
        quote_id=None,
        method=means.method,
        token=means.token,
        amount=invoice.amount_due,
        status=Status.REQUIRES_PAYMENT,
        created_at=work.now,
        invoice_id=invoice.id,
    )


async def _attempt(work: Transaction, payment: Payment) -> Attempt:
    found = await invoices.load(work.connection, payment.invoice_id or "", invoices.ANY)
    if found is None:
        raise LookupError(payment.id)
    return Attempt(await view(work.connection, found), payment)
