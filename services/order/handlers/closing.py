"""Closing a deal: one invoice of all that was rolled up, and nothing after it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from services.order.domain import billing as rules
from services.order.domain.deal import DealClosed, close
from services.order.domain.invoice import Invoice, Means, Receipt, discard, pay
from services.order.domain.rollup import RollUp
from services.order.handlers.deals import closed
from services.order.handlers.invoicing import opened_and_told
from services.order.outgoing import deals as outgoing
from services.order.outgoing.invoices import published
from services.order.repository import deals, invoices, rollup
from shared.auth import Caller
from shared.database import Database, Transaction
from shared.events import Outgoing
from shared.idempotency import Answer, Once
from shared.ids import new_id
from shared.problems import Problem, not_found


@dataclass(frozen=True, slots=True)
class View:
    """A deal with all that stands on it, at a moment."""

    rollup: RollUp
    at: datetime


async def read(database: Database, caller: Caller, deal_id: str) -> View:
    """Read a deal with all that stands on it; raises a 404 Problem for none of the caller's."""
    async with database.reading() as connection:
        deal = await deals.load(connection, deal_id, deals.visible_to(caller))
        if deal is None:
            raise not_found("deal")
        return View(await rollup.load(connection, deal), database.clock.now())


async def close_deal(
    database: Database, caller: Caller, deal_id: str, *, unfinished: bool, once: Once[View]
) -> Answer:
    """Make the deal's one invoice; orders whose work isn't done stand in the way unless allowed.

    Every command that adds to the deal holds its row: those that committed are seen here, and
    those that come later find it closed.
    """
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        deal = await deals.lock(work.connection, deal_id, deals.visible_to(caller))
        if deal is None:
            raise not_found("deal")
        try:
            shut, event = close(deal, work.now)
        except DealClosed:
            raise closed(deal) from None
        drafts = await invoices.lock_drafts_of_deal(work.connection, deal_id)
        stands = await rollup.load(work.connection, deal)
        if stands.unfinished and not unfinished:
            raise _unfinished(stands)
        await deals.save(work.connection, shut)
        told = await _final_invoice(
            work, rules.final(new_id("inv"), deal, drafts, work.now), drafts
        )
        after = replace(await rollup.load(work.connection, shut), deal=shut)
        work.publish(*told, outgoing.published(event, after))
        return await once.answer(work, View(after, work.now))


async def _final_invoice(
    work: Transaction, drafted: Invoice, drafts: list[Invoice]
) -> tuple[Outgoing, ...]:
    if not drafts:
        return ()
    opened, told = await opened_and_told(work, drafted)
    if opened.total.amount == 0:
        opened, paid = pay(opened, Receipt(Means.NOTHING_DUE), work.now)
        told = (*told, published(paid))
    await invoices.add(work.connection, opened)
    for each in drafts:
        gone = discard(each, "rolled-up", rolled_into=opened.id)
        await invoices.save(work.connection, gone)
    return told


def _unfinished(stands: RollUp) -> Problem:
    ids = [order.id for order in stands.unfinished]
    detail = (
        "The work on some orders isn't done, and there may be more to charge. "
        'Send "include_unfinished": true to close the deal nevertheless.'
    )
    return Problem(409, "unfinished-orders", detail, extra={"order_ids": ids})
