"""The work on one line of an order."""

from __future__ import annotations

from services.order.domain import work as lines
from services.order.domain.terms import Work
from services.order.handlers import work_refusals
from services.order.handlers.holding import hold
from services.order.handlers.progress import View
from services.order.handlers.recording import record
from services.order.repository import access, ledger
from shared.auth import Caller
from shared.database import Database
from shared.idempotency import Answer, Once


async def move(
    database: Database,
    caller: Caller,
    order_id: str,
    line_id: str,
    target: Work,
    reason: str | None,
    once: Once[View],
) -> Answer:
    """Say how far a line is, as the order's workshop or an operator."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        held = await hold(work, caller, order_id, access.workable_by(caller))
        with work_refusals.told():
            order, events = lines.move(held.order, line_id, target, reason)
        await record(work, held.before, order, events, held.actor)
        payments = await ledger.of_orders(work.connection, [order_id])
        return await once.answer(work, View(order, payments[order_id]))
