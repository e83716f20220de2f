"""Paying a quote on its own page: whoever knows its unguessable id may see it, and pay it."""

from __future__ import annotations

import hashlib

from services.order.domain.checkout import Checkout, Stage, checkout
from services.order.domain.sale import Quote
from services.order.handlers.checkout import Attempt, buy_quote
from services.order.handlers.paying import Means
from services.order.handlers.settling import Till
from services.order.repository import ledger, orders, projections
from shared.auth import Caller, Scope
from shared.idempotency import Answer, Once
from shared.prefer import until
from shared.problems import not_found

ARRIVAL_SECONDS = 2.0
HELD_SECONDS = 5.0
"""How long a page that waits for a payment is held back, before it shows the same again."""

PAY_SECONDS = 3.0


async def show(till: Till, quote_id: str, *, held: bool = False) -> Checkout:
    """Tell where a quote stands, if `held` once its payment is decided; raises a 404 Problem."""

    async def arrived() -> Quote | None:
        async with till.database.reading() as connection:
            return await projections.quote(connection, quote_id)

    quote = await until(arrived, ARRIVAL_SECONDS)
    if quote is None:
        raise not_found("quote")

    async def decided() -> Checkout | None:
        now = await _stands(till, quote)
        return None if now.stage is Stage.SETTLING else now

    found = await until(decided, HELD_SECONDS) if held else None
    return found or await _stands(till, quote)


async def pay(till: Till, quote: Quote, token: str, attempt: str) -> None:
    """Pay a quote; the same attempt makes one payment. Raises a Problem, as for an API's caller."""
    payer = Caller("checkout", quote.partner_id, frozenset({Scope.PARTNER}))
    chosen = hashlib.sha256(f"{quote.id} {token}".encode()).digest()
    once: Once[Attempt] = Once(f"checkout {quote.id}", attempt, chosen, seen)
    await buy_quote(till, payer, quote.id, Means("card", token, "/card"), once, wait=PAY_SECONDS)


async def _stands(till: Till, quote: Quote) -> Checkout:
    async with till.database.reading() as connection:
        order = await orders.of_quote(connection, quote.id)
        paid = await ledger.of_orders(connection, [order.id]) if order else {}
    attempts = paid[order.id] if order else ()
    return checkout(quote, order, attempts, till.database.clock.now())


def seen(_: object) -> Answer:
    """Keep no more than that it was done: the page shows how it stands by then."""
    return Answer(303, b"")
