"""Giving back some of what was paid for an order."""

from __future__ import annotations

from dataclasses import dataclass

from services.order.handlers import refusals
from services.order.handlers.giving_back import give_back, paid_for
from services.order.handlers.holding import hold
from services.order.handlers.progress import View
from services.order.repository import access, orders
from shared.auth import Caller
from shared.database import Database
from shared.idempotency import Answer, Once
from shared.money import Money


@dataclass(frozen=True, slots=True)
class Giving:
    """How much goes back (all that is left, unless it says), and why."""

    reason: str
    amount: Money | None = None


async def refund(
    database: Database, caller: Caller, order_id: str, giving: Giving, once: Once[View]
) -> Answer:
    """Owe money back, as an order's workshop or an operator; the settling worker gives it.

    The order stays as it is: who gave back what, and why, stands in its history.
    """
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        held = await hold(work, caller, order_id, access.workable_by(caller))
        paid = await paid_for(work, order_id)
        if not paid.is_left:
            raise refusals.nothing_to_refund(held.before)
        with refusals.of_refund("/amount"):
            settled = await give_back(work, order_id, paid, giving.amount, giving.reason)
        await orders.record(
            work.connection,
            held.before,
            held.before,
            at=work.now,
            actor=held.actor,
            event_id=None,
            reason=f"Refund: {giving.reason}",
        )
        seen = access.seen_by(caller, held.before)
        return await once.answer(work, View(seen, settled))
