"""Ordering on a deal: nothing is paid now, and the deal's final invoice has it."""

from __future__ import annotations

from dataclasses import replace

from services.order.domain.order import Action, Order, act
from services.order.handlers import deals
from services.order.handlers.checkout import Attempt, of_quote, wait_for_quote
from services.order.handlers.recording import record
from services.order.repository import access, projections
from shared.auth import Caller
from shared.database import Database, Transaction
from shared.idempotency import Answer, Once
from shared.problems import invalid, not_found

METHOD = "deal"


async def buy_quote(
    database: Database, caller: Caller, quote_id: str, once: Once[Attempt], *, wait: float
) -> Answer:
    """Order a quote that is attached to an open deal of the partner's."""
    await wait_for_quote(database, caller, quote_id, wait)
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        quote = await projections.quote(work.connection, quote_id)
        if quote is None or not caller.owns(quote.partner_id):
            raise not_found("quote")
        if quote.deal_id is None:
            raise without_deal()
        if quote.terms:
            await deals.hold_open(work, quote.partner_id, quote.deal_id, quote.terms.currency)
        order = await of_quote(caller, quote_id, work)
        return await once.answer(work, Attempt(await place(work, caller, order), (), None))


async def place(work: Transaction, caller: Caller, order: Order) -> Order:
    """Place an order whose deal is held open, unpaid."""
    placed, events = act(replace(order, payment_method=METHOD), Action.CONFIRM, work.now)
    await record(work, order, placed, events, access.actor_on(order.partner_id, caller))
    return placed


def without_deal() -> Exception:
    """Refuse to put on a deal what has none."""
    message = "There is no deal whose invoice could have it: pay by card, or name a deal."
    return invalid("/payment/method", "no-deal", message)
