"""Reading invoices, and what a person does to them: paid, void, credited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement

from services.order.domain import invoice as domain
from services.order.domain.credit_note import (
    CreditNote,
    NothingToCredit,
    TooMuch,
    by_order,
    left_by_order,
    left_of,
)
from services.order.domain.invoice import Invoice, Means, NotAllowed, Receipt
from services.order.domain.order import Order, ServiceEvent, credited, updated
from services.order.domain.settlement import owe_back
from services.order.handlers import refusals
from services.order.handlers.crediting import credit
from services.order.handlers.recording import record
from services.order.outgoing.invoices import published
from services.order.repository import access, credit_notes, invoices, ledger, orders
from shared.auth import Caller
from shared.database import Database, Transaction
from shared.idempotency import Answer, Once
from shared.money import Money
from shared.problems import Problem, invalid, not_found


@dataclass(frozen=True, slots=True)
class View:
    """An invoice with its credit notes, oldest first."""

    invoice: Invoice
    credit_notes: tuple[CreditNote, ...]


async def read(database: Database, caller: Caller, invoice_id: str) -> View:
    """Read one invoice; raises a 404 Problem for none of the caller's."""
    async with database.reading() as connection:
        invoice = await invoices.load(connection, invoice_id, invoices.visible_to(caller))
        if invoice is None:
            raise not_found("invoice")
        notes = await credit_notes.of_invoices(connection, [invoice.id])
    return View(invoice, notes[invoice.id])


async def page(
    database: Database,
    caller: Caller,
    conditions: Sequence[ColumnElement[bool]],
    *,
    before: str | None,
    limit: int,
) -> list[View]:
    """Read invoices of the caller's, newest first."""
    async with database.reading() as connection:
        mine = [invoices.visible_to(caller), *conditions]
        found = await invoices.page(connection, mine, before=before, limit=limit)
        notes = await credit_notes.of_invoices(connection, [each.id for each in found])
    return [View(invoice, notes[invoice.id]) for invoice in found]


async def record_transfer(
    database: Database, caller: Caller, invoice_id: str, reference: str, once: Once[View]
) -> Answer:
    """Book what is due as received at the bank; the orders that it charges are paid by it."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        charged = await _charged_orders(work, caller, invoice_id)
        invoice = await _locked(work, caller, invoice_id)
        receipt = Receipt(Means.BANK_TRANSFER, reference=reference)
        try:
            paid, event = domain.pay(invoice, receipt, work.now)
        except NotAllowed as refused:
            raise _not_allowed(refused) from None
        await invoices.save(work.connection, paid)
        work.publish(published(event))
        await _settle(work, caller, charged, left_by_order(invoice))
        return await _answer(work, paid, once)


async def _settle(
    work: Transaction, caller: Caller, charged: Sequence[Order], amounts: Mapping[str, Money]
) -> None:
    """Count for each order what isn't owed for it any more, so that no card is charged for it."""
    no_events: tuple[ServiceEvent, ...] = ()
    for order in charged:
        amount = amounts.get(order.id)
        if amount and amount.amount:
            settled, events = credited(order, amount), no_events
            if settled.paid != order.paid:
                settled, events = updated(order, settled, None)
            actor = access.actor_on(order.partner_id, caller)
            await record(work, order, settled, events, actor)


async def _charged_orders(work: Transaction, caller: Caller, invoice_id: str) -> list[Order]:
    """Lock what an invoice charges: orders come before their invoices, in every transaction."""
    seen = await invoices.load(work.connection, invoice_id, invoices.visible_to(caller))
    ids = sorted({line.order_id for line in seen.lines}) if seen else []
    return await orders.of_ids(work.connection, ids, lock=True)


async def void(
    database: Database, caller: Caller, invoice_id: str, reason: str, once: Once[View]
) -> Answer:
    """Take back an unpaid invoice; its number stays given."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        charged = await _charged_orders(work, caller, invoice_id)
        invoice = await _locked(work, caller, invoice_id)
        try:
            gone, event = domain.void(invoice, reason)
        except NotAllowed as refused:
            raise _not_allowed(refused) from None
        await invoices.save(work.connection, gone)
        work.publish(published(event))
        await _settle(work, caller, charged, left_by_order(invoice))
        return await _answer(work, gone, once)


async def take_back(
    database: Database,
    caller: Caller,
    invoice_id: str,
    asked: Mapping[int, Money] | None,
    reason: str,
    once: Once[CreditNote],
) -> Answer:
    """Credit amounts of an invoice's lines, by position from 1; all that is left, without any.

    What a card paid goes back to it.
    """
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        charged = await _charged_orders(work, caller, invoice_id)
        invoice = await _locked(work, caller, invoice_id)
        _check_lines(invoice, asked or {})
        try:
            left = left_of(invoice) if asked is None else asked
            _, note, told = await credit(work, invoice, left, reason)
        except TooMuch as refused:
            raise _too_much(list(asked or ()), refused) from None
        except NothingToCredit:
            detail = f"The invoice is {invoice.status}, or nothing is left of it to credit."
            raise Problem(409, "nothing-to-credit", detail) from None
        if invoice.status is domain.Status.OPEN:
            await _settle(work, caller, charged, by_order(note.lines, note.currency))
        if invoice.paid_by_card and invoice.order_id:
            paid = (await ledger.of_orders(work.connection, [invoice.order_id]))[invoice.order_id]
            with refusals.of_refund("/lines"):
                owing = owe_back(paid, note.total, reason, work.now)
            await ledger.save_each(work.connection, paid, owing, look_at=work.now)
        work.publish(*told)
        return await once.answer(work, note)


def _check_lines(invoice: Invoice, asked: Mapping[int, Money]) -> None:
    for place, (position, amount) in enumerate(asked.items()):
        if position > len(invoice.lines):
            message = f"The invoice has {len(invoice.lines)} lines."
            raise invalid(f"/lines/{place}/position", "unknown-line", message)
        if amount.currency != invoice.currency:
            message = f"The invoice is in {invoice.currency}."
            raise invalid(f"/lines/{place}/amount/currency", "other-currency", message)


def _too_much(positions: Sequence[int], refused: TooMuch) -> Problem:
    pointer = f"/lines/{positions.index(refused.position)}/amount"
    message = f"Of line {refused.position}, {refused.left.amount} is left to credit."
    return invalid(pointer, "more-than-left", message)


async def _locked(work: Transaction, caller: Caller, invoice_id: str) -> Invoice:
    visible = invoices.visible_to(caller)
    invoice = await invoices.load(work.connection, invoice_id, visible, lock=True)
    if invoice is None:
        raise not_found("invoice")
    return invoice


async def _answer(work: Transaction, invoice: Invoice, once: Once[View]) -> Answer:
    notes = await credit_notes.of_invoices(work.connection, [invoice.id])
    return await once.answer(work, View(invoice, notes[invoice.id]))


def _not_allowed(refused: NotAllowed) -> Problem:
    ways = ", ".join(refused.allowed) or "nothing"
    detail = f"The invoice is {refused.status}; what can be done to it: {ways}."
    extra = {"invoice_status": refused.status, "allowed": refused.allowed}
    return Problem(409, "transition-not-allowed", detail, extra=extra)
