"""What an order's change does to invoices: in the same transaction, each line with its event."""

from __future__ import annotations

import secrets

from services.order.domain import billing as rules
from services.order.domain.billing import LINE_BYTES, MAX_BYTES, MAX_LINES
from services.order.domain.credit_note import left_of
from services.order.domain.deal import Deal
from services.order.domain.deal import Status as DealStatus
from services.order.domain.invoice import (
    Invoice,
    Issue,
    Means,
    Receipt,
    Status,
    discard,
    issue,
    pay,
)
from services.order.domain.issuer import Kind
from services.order.domain.order import Order
from services.order.handlers.crediting import credit
from services.order.outgoing.invoices import published
from services.order.repository import billing, deals, invoices
from shared.database import Transaction
from shared.events import Outgoing
from shared.ids import new_id
from shared.problems import Problem


async def bill(
    work: Transaction,
    before: Order | None,
    after: Order,
    *,
    event_id: str | None,
    payment_id: str | None,
) -> tuple[Outgoing, ...]:
    """Charge what a change added to an order, book what paid for it, or take back all of it."""
    lines = rules.newly_charged(before, after)
    canceled = rules.was_canceled(before, after)
    paid_now = after.paid and not (before and before.paid)
    if not (lines or canceled or paid_now):
        return ()
    # First of all: who closes the deal has to find this done, or not begun.
    deal = await _held_deal(work, after)
    if canceled:
        return await _take_back(work, after)
    receipt = Receipt(Means.CARD, payment_id) if payment_id else Receipt(Means.NOTHING_DUE)
    if not lines:
        return await _paid_later(work, after, receipt)
    if event_id is None:
        raise LookupError(f"no event says what {after.id} charges")
    drafted = rules.draft(new_id("inv"), after, lines, event_id, work.now)
    if not paid_now and _rolls_up(deal, drafted):
        await invoices.add(work.connection, drafted)
        await _check_room(work, drafted.deal_id or "")
        return ()
    opened, told = await opened_and_told(work, drafted)
    if paid_now or opened.total.amount == 0:
        opened, paid = pay(opened, receipt, work.now)
        told = (*told, published(paid))
    await invoices.add(work.connection, opened)
    return told


async def opened_and_told(
    work: Transaction, drafted: Invoice
) -> tuple[Invoice, tuple[Outgoing, ...]]:
    """Open an invoice under its partner's next number; the caller stores it."""
    issuer = await billing.the_issuer(work.connection)
    number, buyer = await billing.next_number(
        work.connection, drafted.partner_id, Kind.INVOICE, issuer, work.now
    )
    given = Issue(
        number,
        issuer.due_on(work.now),
        seller=issuer.as_seller(),
        buyer=buyer.party.as_dict(),
        key=secrets.token_urlsafe(24),
    )
    opened, event = issue(drafted, given, work.now)
    return opened, (published(event),)


async def _held_deal(work: Transaction, order: Order) -> Deal | None:
    if order.deal_id is None:
        return None
    return await deals.hold(work.connection, order.deal_id, order.partner_id)


def _rolls_up(deal: Deal | None, drafted: Invoice) -> bool:
    """Tell whether the deal's invoice will have it: a closed one, or another currency's, can't."""
    return deal is not None and deal.status is DealStatus.OPEN and deal.currency == drafted.currency


async def _check_room(work: Transaction, deal_id: str) -> None:
    """Refuse what the deal's invoice, which is one event, would have no room for."""
    waiting = await invoices.waiting_of_deal(work.connection, deal_id)
    if waiting.lines > MAX_LINES:
        detail = f"A deal takes {MAX_LINES} lines, and {deal_id} would have {waiting.lines}"
    elif waiting.lines * LINE_BYTES + waiting.text_bytes > MAX_BYTES:
        detail = f"The lines of {deal_id} have as much text as an invoice can tell"
    else:
        return
    raise Problem(409, "deal-full", f"{detail}: open another.", extra={"deal_id": deal_id})


async def _paid_later(work: Transaction, order: Order, receipt: Receipt) -> tuple[Outgoing, ...]:
    """Book a payment of what an order was charged since: its own open invoices are paid."""
    told: tuple[Outgoing, ...] = ()
    for invoice in await invoices.lock_open_of_order(work.connection, order.id):
        paid, event = pay(invoice, receipt, work.now)
        await invoices.save(work.connection, paid)
        told = (*told, published(event))
    return told


async def _take_back(work: Transaction, order: Order) -> tuple[Outgoing, ...]:
    """Take a canceled order off what isn't paid by its card; of that, what goes back is credited.

    A part may be kept as a fee: `give_back` is told how much isn't.
    """
    told: tuple[Outgoing, ...] = ()
    for invoice in await invoices.lock_of_order(work.connection, order.id):
        if invoice.status is Status.DRAFT:
            await invoices.save(work.connection, discard(invoice, "canceled"))
        elif not invoice.paid_by_card:
            left = left_of(invoice, order.id)
            if left:
                told += (await credit(work, invoice, left, order.reason or "canceled"))[2]
    return told
