"""The payer's answer to the sandbox's bank."""

from __future__ import annotations

from services.order.domain.payment import Payment
from services.order.handlers.progress import View
from services.order.handlers.settling import Till, charge
from services.order.payments.sandbox import Sandbox
from services.order.repository import access, ledger
from services.order.repository.orders import SYSTEM
from shared.auth import Caller
from shared.idempotency import Answer, Once
from shared.problems import Problem, not_found


async def authenticate(
    till: Till, sandbox: Sandbox, caller: Caller, payment_id: str, once: Once[View]
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
        order, _ = await ledger.lock(work.connection, payment.id)
        payments = await ledger.of_orders(work.connection, [order.id])
        return await once.answer(work, View(order, payments[order.id]))


async def asked(till: Till, payment_id: str) -> Payment:
    """Find the payment that a bank's page is about; raises a 404 Problem."""
    async with till.database.reading() as connection:
        payment = await ledger.find(connection, payment_id)
    if payment is None:
        raise not_found("payment")
    return payment


async def decide(till: Till, sandbox: Sandbox, payment: Payment, *, confirmed: bool) -> None:
    """Confirm or refuse a payment on its bank's page, once, and settle it."""
    if await (sandbox.authenticate if confirmed else sandbox.refuse)(payment.id):
        await charge(till, payment, SYSTEM)
