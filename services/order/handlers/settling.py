"""Bringing payments to their end: ask the provider first, then settle in a transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import structlog

from services.order.domain.credit_note import left_by_order
from services.order.domain.invoice import InvoiceEvent, Means, Receipt, pay
from services.order.domain.payment import Outcome, Payment, Succeeded, refunded
from services.order.domain.refund import Refund
from services.order.domain.settlement import paid_by, settle, settle_invoice
from services.order.handlers import charging
from services.order.handlers.recording import record
from services.order.outgoing import published
from services.order.outgoing.invoices import published as published_invoice
from services.order.payments.port import PaymentProvider, ProviderUnavailable
from services.order.repository import invoices, ledger
from services.order.repository.ledger import Due
from services.order.repository.orders import SYSTEM, Actor
from shared import context
from shared.database import Database, Transaction

BATCH = 20
LONGEST_BACKOFF_SECONDS = 60.0

T = TypeVar("T")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Till:
    """What taking a payment needs."""

    database: Database
    provider: PaymentProvider
    provider_timeout: timedelta
    """How long one call to the provider may take."""

    first_look: timedelta
    """How long the request that began a payment has it to itself."""

    patience: timedelta
    """How long a payer may take to act before the payment is given up."""


async def settle_due(till: Till) -> int:
    """Ask the provider about what is due, each on its own; returns how many were due."""
    async with till.database.transaction() as work:
        taken = await ledger.take_due(
            work.connection, work.now, limit=BATCH, longest_seconds=LONGEST_BACKOFF_SECONDS
        )
    looks = await asyncio.gather(*(_look_at(till, due) for due in taken), return_exceptions=True)
    for due, failed in zip(taken, looks, strict=True):
        if isinstance(failed, BaseException):
            log.error("payment.not_settled", payment=due.payment.id, error=repr(failed))
    return len(taken)


async def charge(till: Till, payment: Payment, actor: Actor) -> None:
    """Charge, or learn how the charge stands, and settle; what stays unknown is left for later.

    Of nothing the provider isn't asked: none charges that.
    """
    outcome: Outcome | None = Succeeded()
    if payment.amount.amount:
        charged = till.provider.charge(payment.id, payment.token, payment.amount)
        outcome = await _asked(till, charged)
    if outcome:
        await conclude(till, payment.id, outcome, actor)


async def give_up(till: Till, payment: Payment, actor: Actor) -> None:
    """Take a charge back that waits for its payer; it may turn out to have succeeded."""
    outcome = await _asked(till, till.provider.cancel(payment.id))
    if outcome:
        await conclude(till, payment.id, outcome, actor)


async def conclude(till: Till, payment_id: str, outcome: Outcome, actor: Actor) -> None:
    """Settle a payment and what it pays; of racing and repeated notices one has an effect."""
    async with till.database.transaction() as work:
        known = await ledger.known_as(work.connection, payment_id)
        if known.invoice_id:
            await _conclude_invoice(work, known.invoice_id, payment_id, outcome, actor)
        else:
            await _conclude_order(work, payment_id, outcome, actor)


async def _conclude_order(
    work: Transaction, payment_id: str, outcome: Outcome, actor: Actor
) -> None:
    order, payment = await ledger.lock(work.connection, payment_id)
    bills = tuple(await invoices.lock_open_of_order(work.connection, order.id))
    after, settled, events = settle(order, payment, outcome, work.now, bills)
    if settled == payment:
        return
    await ledger.save(work.connection, settled, look_at=work.now)
    if after.amount_paid == order.amount_paid:
        await record(work, order, after, events, actor)
        return
    receipt = Receipt(Means.CARD, payment.id)
    paid = [pay(bill, receipt, work.now) for bill in paid_by(bills, payment.amount)]
    for bill, _ in paid:
        await invoices.save(work.connection, bill)
    await record(work, order, after, events, actor)
    work.publish(*(published_invoice(event) for _, event in paid))


async def _conclude_invoice(
    work: Transaction, invoice_id: str, payment_id: str, outcome: Outcome, actor: Actor
) -> None:
    held = await charging.hold(work, invoice_id, invoices.ANY)
    payment = await ledger.known_as(work.connection, payment_id)
    after, settled, events = settle_invoice(held.invoice, payment, outcome, work.now)
    if settled == payment:
        return
    await ledger.save(work.connection, settled, look_at=work.now)
    for event in events:
        if isinstance(event, InvoiceEvent):
            work.publish(published_invoice(event))
        else:
            work.publish(published(event))
    if after != held.invoice:
        await invoices.save(work.connection, after)
        await charging.settle(work, held.orders, left_by_order(held.invoice), actor)


async def _look_at(till: Till, due: Due) -> None:
    payment = due.payment
    with context.following(due.correlation_id):
        if not payment.is_open:
            await _give_back(till, payment)
        elif till.database.clock.now() - payment.created_at > till.patience:
            await give_up(till, payment, SYSTEM)
        else:
            await charge(till, payment, SYSTEM)


async def _give_back(till: Till, payment: Payment) -> None:
    for due in payment.refunds:
        if due.made_at or not await _asked(till, _made(till.provider, payment, due)):
            continue
        async with till.database.transaction() as work:
            current = await ledger.locked(work.connection, payment)
            booked, events = refunded(current, due.id, work.now)
            await ledger.save(work.connection, booked, look_at=work.now)
            work.publish(*map(published, events))


async def _made(provider: PaymentProvider, payment: Payment, due: Refund) -> bool:
    await provider.refund(due.id, payment.id, due.amount)
    return True


async def _asked(till: Till, call: Awaitable[T]) -> T | None:
    """Wait for the provider, but not for ever; None means that nobody knows."""
    try:
        async with asyncio.timeout(till.provider_timeout.total_seconds()):
            return await call
    except (ProviderUnavailable, TimeoutError) as error:
        log.warning("payment.provider_silent", error=repr(error))
        return None
