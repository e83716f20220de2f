"""Buying: a saga to a paid order, with a transaction on each side of the charge."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from services.order.domain.direct import check_start
from services.order.domain.order import Order, Status
from services.order.domain.payment import Action, Payment, advance
from services.order.domain.payment import Status as PaymentStatus
from services.order.domain.sale import Quote, order_of, payment_for, renewed
from services.order.handlers import refusals
from services.order.handlers.settling import Till, charge, give_up
from services.order.payments.port import ProviderUnavailable, UnknownToken
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


@dataclass(frozen=True, slots=True)
class Means:
    """How somebody wants to pay; `pointer` is where the request says it."""

    method: str
    token: str
    pointer: str


Find = Callable[[Transaction], Awaitable[Order]]
"""Finds or makes the order to be paid for, locks it, and refuses what can't be paid now."""


class StillOpen(Exception):
    """An earlier payment of the order has no outcome yet."""

    def __init__(self, payment: Payment) -> None:
        self.payment = payment
        super().__init__(payment.id)


async def buy_quote(
    till: Till, caller: Caller, quote_id: str, means: Means, once: Once[Attempt], *, wait: float
) -> Answer:
    """Order a quote and pay for it; waits for a quote that is still on its way here."""
    deadline = time.monotonic() + wait
    await _verify(till, means)
    await wait_for_quote(till.database, caller, quote_id, wait)
    return await _pay(till, caller, partial(of_quote, caller, quote_id), means, once, deadline)


async def pay_for(
    till: Till, caller: Caller, find: Find, means: Means, once: Once[Attempt], *, wait: float
) -> Answer:
    """Pay what is due for the order that is found or made."""
    deadline = time.monotonic() + wait
    await _verify(till, means)
    return await _pay(till, caller, find, means, once, deadline)


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


async def _verify(till: Till, means: Means) -> None:
    try:
        async with asyncio.timeout(till.provider_timeout.total_seconds()):
            await till.provider.verify(means.token)
    except UnknownToken:
        raise refusals.unknown_token(means.pointer) from None
    except (ProviderUnavailable, TimeoutError) as silent:
        raise refusals.provider_unavailable() from silent


async def _pay(
    till: Till, caller: Caller, find: Find, means: Means, once: Once[Attempt], deadline: float
) -> Answer:
    begun = await _begun(till, caller, find, means, once)
    if isinstance(begun, Answer):
        return begun
    await charge(till, begun, access.actor_on(begun.partner_id, caller))

    async def decided() -> Payment | None:
        async with till.database.reading() as connection:
            payment = await ledger.find(connection, begun.id)
        return payment if payment and (payment.next_action or not payment.is_open) else None

    await until(decided, max(0.0, deadline - time.monotonic()))
    return await _answered(till, begun.id, means, once)


async def _begun(
    till: Till, caller: Caller, find: Find, means: Means, once: Once[Attempt]
) -> Answer | Payment:
    """Begin, giving up an earlier payment whose payer never acted."""
    for _ in range(2):
        try:
            return await _begin(till, find, means, once)
        except StillOpen as earlier:
            still_open = earlier.payment
        if still_open.next_action is None:
            break
        await give_up(till, still_open, access.actor_on(still_open.partner_id, caller))
    raise refusals.payment_in_progress(still_open)


async def _begin(till: Till, find: Find, means: Means, once: Once[Attempt]) -> Answer | Payment:
    """First transaction: the order and its payment, before the provider hears of either."""
    async with till.database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        request = _request(once)
        if request:
            # The first request died before it could answer: this one takes its payment further.
            known = await ledger.find_of_request(work.connection, request)
            if known:
                return known
        order = await find(work)
        opened = payment_for(
            order, new_id("pay"), method=means.method, token=means.token, now=work.now
        )
        payment, _ = advance(opened, Action.BEGIN)
        await ledger.add(
            work.connection, payment, request=request, look_at=work.now + till.first_look
        )
        return payment


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
    await _check_settled(work, order)
    return order


async def _check_settled(work: Transaction, order: Order) -> None:
    for attempt in (await ledger.of_orders(work.connection, [order.id]))[order.id]:
        if attempt.is_open:
            raise StillOpen(attempt)


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
    await _check_settled(work, order)
    renewed_order = renewed(order, quote, work.now)
    await orders.save(work.connection, renewed_order)
    return renewed_order


async def _answered(till: Till, payment_id: str, means: Means, once: Once[Attempt]) -> Answer:
    """Last transaction: what became of it, kept for a repetition of the request."""
    async with till.database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        order, payment = await ledger.lock(work.connection, payment_id)
        if payment.status is PaymentStatus.FAILED:
            raise refusals.payment_failed(payment, pointer=means.pointer)
        every = (await ledger.of_orders(work.connection, [order.id]))[order.id]
        return await once.answer(work, Attempt(order, every, payment))


def _request(once: Once[Attempt]) -> bytes | None:
    if once.key is None:
        return None
    return hashlib.sha256(f"{once.owner} {once.key} ".encode() + once.fingerprint).digest()
