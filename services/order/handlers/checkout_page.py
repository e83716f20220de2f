"""Paying a quote on its own page: whoever knows its unguessable id may see it, and pay it."""

from __future__ import annotations

from dataclasses import dataclass

from services.order.domain import standing
from services.order.domain.order import Order, Status
from services.order.domain.sale import Quote
from services.order.domain.standing import Standing
from services.order.domain.terms import Terms
from services.order.handlers import by_page
from services.order.handlers.by_page import PAY_SECONDS
from services.order.handlers.checkout import buy_quote
from services.order.handlers.settling import Till
from services.order.repository import ledger, orders, projections
from shared.prefer import until
from shared.problems import not_found

ARRIVAL_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Checkout:
    """A quote, the order that it became if it did, and where its payment stands."""

    quote: Quote
    order: Order | None
    standing: Standing

    @property
    def terms(self) -> Terms | None:
        """Return what was ordered, or what is offered; None where that has no price yet."""
        if self.order and self.order.status is not Status.AWAITING_PAYMENT:
            return self.order.terms
        return self.quote.terms


async def show(till: Till, quote_id: str, *, held: bool = False) -> Checkout:
    """Tell where a quote stands, if `held` once its payment is decided; raises a 404 Problem."""

    async def arrived() -> Quote | None:
        async with till.database.reading() as connection:
            return await projections.quote(connection, quote_id)

    quote = await until(arrived, ARRIVAL_SECONDS)
    if quote is None:
        raise not_found("quote")

    async def read() -> Checkout:
        async with till.database.reading() as connection:
            order = await orders.of_quote(connection, quote.id)
            paid = await ledger.of_orders(connection, [order.id]) if order else {}
        attempts = paid[order.id] if order else ()
        now = till.database.clock.now()
        return Checkout(quote, order, standing.of_quote(quote, order, attempts, now))

    return await by_page.shown(read, held=held)


async def pay(till: Till, quote: Quote, token: str, attempt: str) -> None:
    """Pay a quote; the same attempt makes one payment. Raises a Problem, as for an API's caller."""
    form = by_page.paying(quote.partner_id, quote.id, token, attempt)
    await buy_quote(till, form.payer, quote.id, form.means, form.once, wait=PAY_SECONDS)
