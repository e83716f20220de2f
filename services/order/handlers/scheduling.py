"""Putting an order to another day, before the work has begun."""

from __future__ import annotations

from datetime import datetime

from services.order.domain.schedule import Begun, reschedule
from services.order.handlers.holding import hold
from services.order.handlers.progress import View
from services.order.handlers.recording import record
from services.order.repository import access, ledger
from shared.auth import Caller
from shared.database import Database
from shared.idempotency import Answer, Once
from shared.problems import Problem, invalid


async def move(
    database: Database,
    caller: Caller,
    order_id: str,
    start_at: datetime,
    reason: str | None,
    once: Once[View],
) -> Answer:
    """Schedule an order anew, as its partner, its workshop or an operator."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        held = await hold(work, caller, order_id, access.visible_to(caller))
        if start_at < work.now:
            raise past("/start_at")
        try:
            order, events = reschedule(held.order, start_at, reason)
        except Begun as refused:
            detail = f"The order is {refused.status}; only work that hasn't begun is rescheduled."
            extra = {"order_status": refused.status}
            raise Problem(409, "work-has-begun", detail, extra=extra) from None
        await record(work, held.before, order, events, held.actor)
        payments = await ledger.of_orders(work.connection, [order_id])
        return await once.answer(work, View(order, payments[order_id]))


def past(pointer: str) -> Problem:
    """Refuse a time to begin at that has gone by."""
    return invalid(pointer, "in-the-past", "Give a time that is still to come.")
