"""The payer's answer to the sandbox's bank."""

from __future__ import annotations

from services.order.domain.payment import Payment
from services.order.handlers.invoices import View as InvoiceView
from services.order.handlers.invoices import view as of_invoice
from services.order.handlers.progress import View
from services.order.handlers.settling import Till, charge
from services.order.payments.sandbox import Sandbox
from services.order.repository import access, invoices, ledger, orders
from services.order.repository.orders import SYSTEM
from shared.auth import Caller
from shared.database import Transaction
from shared.idempotency import Answer, Once
from shared.problems import Problem, not_found

Paid = View | InvoiceView
"""What a payment pays, as it stands: an order, or an invoice."""


async def authenticate(
    till: Till, sandbox: Sandbox, caller: Caller, payment_id: str, once: Once[Paid]
) -> Answer:
    """Confirm a payment and settle it; raises a Problem: 404, or 409 when it waits for nobody."""
    async with till.database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        payment = await ledger.find(work.connection, payment_id)
    if payment is None or not caller.owns(payment.partner_id):
        raise not_found("payment")
    if not await sandbox.authenticate(payment.id):
        detail = "The payment doesn't wait for its payer, or doesn't any more."
        raise Problem(409, "nothing-to-authenticate", detail)
    await charge(till, payment, access.actor_on(payment.partner_id, caller))
    async with till.database.transaction() as work:
        payment = await ledger.locked(work.connection, payment)
        return await once.answer(work, await _paid(work, payment))


async def _paid(work: Transaction, payment: Payment) -> Paid:
    if payment.order_id is None:
        invoice = await invoices.load(work.connection, payment.invoice_id or "", invoices.ANY)
        if invoice is None:
            raise LookupError(payment.id)
        return await of_invoice(work.connection, invoice)
    order = await orders.held(work.connection, payment.order_id)
    return View(order, (await ledger.of_orders(work.connection, [order.id]))[order.id])


async def asked(till: Till, payment_id: str) -> Payment:
    """Find the payment that a bank's page is about; raises a 404 Problem."""
    async with till.database.reading() as connection:
        payment = await ledger.find(connection, payment_id)
    if payment is None:
        raise not_found("payment")
    return payment


async def page_of(till: Till, payment_id: str) -> str | None:
    """Name the page on which its payer sees what became of a payment, where it has one."""
    async with till.database.reading() as connection:
        payment = await ledger.known_as(connection, payment_id)
        if payment.invoice_id is None:
            [order] = await orders.of_ids(connection, [payment.order_id or ""])
            # A quote's page tells of what was first bought, and of nothing that came since.
            first = order.quote_id and not order.supplements
            return f"/checkout/{order.quote_id}" if first else f"/checkout/orders/{order.id}"
        invoice = await invoices.load(connection, payment.invoice_id, invoices.ANY)
    if invoice is None or invoice.issue is None or invoice.issue.key is None:
        return None
    return f"/checkout/invoices/{invoice.id}/{invoice.issue.key}"


async def decide(till: Till, sandbox: Sandbox, payment: Payment, *, confirmed: bool) -> None:
    """Confirm or refuse a payment on its bank's page, once, and settle it."""
    if await (sandbox.authenticate if confirmed else sandbox.refuse)(payment.id):
        await charge(till, payment, SYSTEM)
