"""Buying: from a quote or what is due to a paid order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from services.order.domain.direct import check_start
from services.order.domain.order import Order, Status
from services.order.domain.payment import Payment
from services.order.domain.sale import Quote, order_of, payment_for, renewed
from services.order.handlers import refusals
from services.order.handlers.paying import (
    Means,
    Purchase,
    check_settled,
    deadline_in,
    pay,
    verify,
)
from services.order.handlers.settling import Till
from services.order.repository import access, ledger, orders, projections
from services.order.repository.orders import Actor
from shared.auth import Caller
from shared.database import Database, Transaction
from shared.idempotency import Answer, Once
from shared.ids import new_id
from shared.prefer import until
from shared.problems import not_found


@dataclass(frozen=True, slots=True)
class Attempt:
    """An order, its payments, and this request's own; none where a deal's invoice has it."""

    order: Order
    payments: tuple[Payment, ...]
    payment: Payment | None


Find = Callable[[Transaction], Awaitable[Order]]
"""Finds or makes the order to be paid for, locks it, and refuses what can't be paid now."""


async def buy_quote(
    till: Till, caller: Caller, quote_id: str, means: Means, once: Once[Attempt], *, wait: float
) -> Answer:
    """Order a quote and pay for it; waits for a quote that is still on its way here."""
    deadline = deadline_in(wait)
    await verify(till, means)
    await wait_for_quote(till.database, caller, quote_id, wait)
    bought = _purchase(partial(of_quote, caller, quote_id))
    return await pay(till, caller, bought, means, once, deadline)


async def pay_for(
    till: Till, caller: Caller, find: Find, means: Means, once: Once[Attempt], *, wait: float
) -> Answer:
    """Pay what is due for the order that is found or made."""
    deadline = deadline_in(wait)
    await verify(till, means)
    return await pay(till, caller, _purchase(find), means, once, deadline)


async def wait_for_quote(database: Database, caller: Caller, quote_id: str, wait: float) -> None:
    """Wait for a quote of the caller's that is on its way here, or for its price."""

    async def arrived() -> Quote | None:
        async with database.reading() as connection:
            quote = await projections.quote(connection, quote_id)
        # One without a price may just have got one: that, too, would be on its way.
        known = quote and caller.owns(quote.partner_id) and (quote.terms or quote.declined)
        return quote if known else None

    await until(arrived, wait)


async def pay_order(
    till: Till, caller: Caller, order_id: str, means: Means, once: Once[Attempt], *, wait: float
) -> Answer:
    """Pay what is due for an order: all of it at first, later for work authorised since."""
    find = partial(_of_order, caller, order_id)
    return await pay_for(till, caller, find, means, once, wait=wait)


def _purchase(find: Find) -> Purchase[Attempt]:
    async def opened(work: Transaction, means: Means) -> Payment:
        order = await find(work)
        payment_id = new_id("pay")
        return payment_for(order, payment_id, method=means.method, token=means.token, now=work.now)

    return Purchase(opened, _attempt)


async def _attempt(work: Transaction, payment: Payment) -> Attempt:
    order_id = payment.order_id or ""
    order = await orders.held(work.connection, order_id)
    return Attempt(order, (await ledger.of_orders(work.connection, [order_id]))[order_id], payment)


async def of_quote(caller: Caller, quote_id: str, work: Transaction) -> Order:
    """Make the order of a quote, or lock the unpaid one that an earlier attempt made."""
    quote = await projections.quote(work.connection, quote_id)
    if quote is None or not caller.owns(quote.partner_id):
        raise not_found("quote")
    with refusals.told():
        return await _awaiting_payment(work, quote, access.actor_on(quote.partner_id, caller))


async def _of_order(caller: Caller, order_id: str, work: Transaction) -> Order:
    order = await orders.load(work.connection, order_id, access.visible_to(caller), lock=True)
    if order is None or not caller.owns(order.partner_id):
        raise not_found("order")
    if order.status is Status.AWAITING_PAYMENT and order.quote_id:
        return await of_quote(caller, order.quote_id, work)
    if not order.balance_due.amount:
        raise refusals.nothing_due(order)
    if order.status is not Status.AWAITING_PAYMENT:
        if order.deal_id:
            raise refusals.on_deal(order)
    else:
        with refusals.told():
            check_start(order, work.now)
    check_settled(await ledger.open_of_orders(work.connection, [order.id]))
    return order


async def _awaiting_payment(work: Transaction, quote: Quote, actor: Actor) -> Order:
    """Make the quote's one order, or lock the one that an earlier attempt made."""
    order = await orders.lock_of_quote(work.connection, quote.id)
    if order is None:
        made = order_of(quote, new_id("ord"), work.now)
        if await orders.add(work.connection, made):
            await orders.record(
                work.connection, None, made, at=work.now, actor=actor, event_id=None
            )
            return made
        order = await orders.lock_of_quote(work.connection, quote.id)
    if order is None:
        raise LookupError(quote.id)
    if order.status is not Status.AWAITING_PAYMENT:
        raise refusals.already_ordered(order)
    check_settled(await ledger.open_of_orders(work.connection, [order.id]))
    renewed_order = renewed(order, quote, work.now)
    await orders.save(work.connection, renewed_order)
    return renewed_order
