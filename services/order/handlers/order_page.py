"""Paying what is due for an order on a page: whoever knows its unguessable id may pay it."""

from __future__ import annotations

import hashlib

from services.order.domain.balance import Balance
from services.order.domain.checkout import Stage
from services.order.domain.order import Order
from services.order.handlers.checkout import Attempt, pay_order
from services.order.handlers.checkout_page import HELD_SECONDS, PAY_SECONDS, seen
from services.order.handlers.paying import Means
from services.order.handlers.settling import Till
from services.order.repository import ledger, orders
from shared.auth import Caller, Scope
from shared.idempotency import Once
from shared.prefer import until
from shared.problems import not_found


async def show(till: Till, order_id: str, *, held: bool = False) -> Balance:
    """Tell what is due for an order, if `held` once a payment is decided; raises a 404 Problem."""

    async def decided() -> Balance | None:
        now = await _stands(till, order_id)
        return None if now.stage is Stage.SETTLING else now

    found = await until(decided, HELD_SECONDS) if held else None
    return found or await _stands(till, order_id)


async def pay(till: Till, order: Order, token: str, attempt: str) -> None:
    """Pay what is due; the same attempt makes one payment. Raises a Problem, as for the API."""
    payer = Caller("checkout", order.partner_id, frozenset({Scope.PARTNER}))
    chosen = hashlib.sha256(f"{order.id} {token}".encode()).digest()
    once: Once[Attempt] = Once(f"checkout {order.id}", attempt, chosen, seen)
    means = Means("card", token, "/card")
    await pay_order(till, payer, order.id, means, once, wait=PAY_SECONDS)


async def _stands(till: Till, order_id: str) -> Balance:
    async with till.database.reading() as connection:
        [*found] = await orders.of_ids(connection, [order_id])
        paid = await ledger.of_orders(connection, [order_id])
        underway = await ledger.open_of_orders(connection, [order_id])
    if not found:
        raise not_found("order")
    return Balance(found[0], paid[order_id], underway)
