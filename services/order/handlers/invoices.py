"""Reading invoices, and what a person does to them: paid, void, credited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncConnection

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
from services.order.domain.payment import Payment
from services.order.handlers import charging, giving_back, refusals
from services.order.handlers.crediting import credit
from services.order.outgoing.invoices import published
from services.order.repository import access, credit_notes, invoices, ledger
from shared.auth import Caller
from shared.database import Database
from shared.idempotency import Answer, Once
from shared.money import Money
from shared.problems import Problem, invalid, not_found


@dataclass(frozen=True, slots=True)
class View:
    """An invoice with its credit notes and the payments for it, oldest first."""

    invoice: Invoice
    credit_notes: tuple[CreditNote, ...]
    payments: tuple[Payment, ...]


async def read(database: Database, caller: Caller, invoice_id: str) -> View:
    """Read one invoice; raises a 404 Problem for none of the caller's."""
    async with database.reading() as connection:
        invoice = await invoices.load(connection, invoice_id, invoices.visible_to(caller))
        if invoice is None:
            raise not_found("invoice")
        return await view(connection, invoice)


async def page(
    database: Database,
    caller: Caller,
    conditions: Sequence[ColumnElement[bool]],
    *,
    before: str | None,
    limit: int,
) -> tuple[list[View], bool]:
    """Read invoices of the caller's, newest first, and tell whether there are more."""
    async with database.reading() as connection:
        mine = [invoices.visible_to(caller), *conditions]
        found, more = await invoices.page(connection, mine, before=before, limit=limit)
        ids = [each.id for each in found]
        notes = await credit_notes.of_invoices(connection, ids)
        paid = await ledger.of_invoices(connection, ids)
    return [View(each, notes[each.id], paid[each.id]) for each in found], more


async def view(connection: AsyncConnection, invoice: Invoice) -> View:
    """Add to an invoice what belongs to it."""
    notes = await credit_notes.of_invoices(connection, [invoice.id])
    paid = await ledger.of_invoices(connection, [invoice.id])
    return View(invoice, notes[invoice.id], paid[invoice.id])


async def record_transfer(
    database: Database, caller: Caller, invoice_id: str, reference: str, once: Once[View]
) -> Answer:
    """Book what is due as received at the bank, as an operator: its orders are paid by it."""
    if not caller.is_operator:
        detail = "Only an operator says that a bank transfer came in: pay by card."
        raise Problem(403, "insufficient-scope", detail)
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        held = await charging.hold(work, invoice_id, invoices.visible_to(caller))
        invoice = held.invoice
        receipt = Receipt(Means.BANK_TRANSFER, reference=reference)
        try:
            paid, event = domain.pay(invoice, receipt, work.now)
        except NotAllowed as refused:
            raise _not_allowed(refused) from None
        await invoices.save(work.connection, paid)
        work.publish(published(event))
        actor = access.actor_on(invoice.partner_id, caller)
        await charging.settle(work, held.orders, left_by_order(invoice), actor)
        return await once.answer(work, await view(work.connection, paid))


async def void(
    database: Database, caller: Caller, invoice_id: str, reason: str, once: Once[View]
) -> Answer:
    """Take back an unpaid invoice; its number stays given."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        held = await charging.hold(work, invoice_id, invoices.visible_to(caller))
        invoice = held.invoice
        try:
            gone, event = domain.void(invoice, reason)
        except NotAllowed as refused:
            raise _not_allowed(refused) from None
        await invoices.save(work.connection, gone)
        work.publish(published(event))
        actor = access.actor_on(invoice.partner_id, caller)
        await charging.settle(work, held.orders, left_by_order(invoice), actor)
        return await once.answer(work, await view(work.connection, gone))


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
        held = await charging.hold(work, invoice_id, invoices.visible_to(caller))
        invoice = held.invoice
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
            actor = access.actor_on(invoice.partner_id, caller)
            taken = by_order(note.lines, note.currency)
            await charging.settle(work, held.orders, taken, actor)
        if invoice.paid_by_card:
            with refusals.of_refund("/lines"):
                await giving_back.owe(work, invoice, note.total, reason)
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


def _not_allowed(refused: NotAllowed) -> Problem:
    ways = ", ".join(refused.allowed) or "nothing"
    detail = f"The invoice is {refused.status}; what can be done to it: {ways}."
    extra = {"invoice_status": refused.status, "allowed": refused.allowed}
    return Problem(409, "transition-not-allowed", detail, extra=extra)
