"""Paying what is due for an order on a page: whoever knows its unguessable id may pay it."""

from __future__ import annotations

from dataclasses import dataclass

from services.order.domain import standing
from services.order.domain.order import Order
from services.order.domain.standing import Standing
from services.order.handlers import by_page
from services.order.handlers.by_page import PAY_SECONDS
from services.order.handlers.checkout import pay_order
from services.order.handlers.settling import Till
from services.order.repository import ledger, orders
from shared.problems import not_found


@dataclass(frozen=True, slots=True)
class Balance:
    """An order, and where what is due for it stands."""

    order: Order
    standing: Standing


async def show(till: Till, order_id: str, *, held: bool = False) -> Balance:
    """Tell what is due for an order, if `held` once a payment is decided; raises a 404 Problem."""

    async def read() -> Balance:
        async with till.database.reading() as connection:
            [*found] = await orders.of_ids(connection, [order_id])
            paid = await ledger.of_orders(connection, [order_id])
            underway = await ledger.open_of_orders(connection, [order_id])
        if not found:
            raise not_found("order")
        return Balance(found[0], standing.of_order(found[0], paid[order_id], underway))

    return await by_page.shown(read, held=held)


async def pay(till: Till, order: Order, token: str, attempt: str) -> None:
    """Pay what is due; the same attempt makes one payment. Raises a Problem, as for the API."""
    form = by_page.paying(order.partner_id, order.id, token, attempt)
    await pay_order(till, form.payer, order.id, form.means, form.once, wait=PAY_SECONDS)
