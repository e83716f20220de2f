"""Moving an order on: the work itself, and its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.order.domain.order import Action, Order, Status, act, action_towards
from services.order.domain.payment import Payment
from services.order.domain.settlement import owed_after_cancel
from services.order.handlers import refusals
from services.order.handlers.holding import Held, hold
from services.order.handlers.recording import record
from services.order.repository import access, ledger
from shared.auth import Caller
from shared.database import Database, Transaction
from shared.idempotency import Answer, Once


@dataclass(frozen=True, slots=True)
class View:
    """An order with its payments, as its partner and its workshop see it."""

    order: Order
    payments: tuple[Payment, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """What is asked of an order, and why."""

    reason: str | None = None
    estimated_completion_at: datetime | None = None


async def move(
    database: Database, caller: Caller, order_id: str, target: Status, step: Step, once: Once[View]
) -> Answer:
    """Bring an order to another status, as its workshop or an operator."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        held = await hold(work, caller, order_id, access.workable_by(caller))
        with refusals.told():
            action = action_towards(held.order, target)
        moved = await _act(work, held, action, step)
        payments = await ledger.of_orders(work.connection, [order_id])
        return await once.answer(work, View(moved, payments[order_id]))


async def cancel(
    database: Database, caller: Caller, order_id: str, reason: str, once: Once[View]
) -> Answer:
    """End an order; what was paid is owed back, and the settling worker sees to it."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        held = await hold(work, caller, order_id, access.visible_to(caller))
        canceled = await _act(work, held, Action.CANCEL, Step(reason))
        payments = await ledger.of_orders(work.connection, [order_id])
        owed = {each.id: each for each in owed_after_cancel(payments[order_id])}
        for payment in owed.values():
            await ledger.save(work.connection, payment, look_at=work.now)
        settled = tuple(owed.get(each.id, each) for each in payments[order_id])
        return await once.answer(work, View(canceled, settled))


async def _act(work: Transaction, held: Held, action: Action, step: Step) -> Order:
    with refusals.told():
        moved, events = act(
            held.order,
            action,
            work.now,
            reason=step.reason,
            estimated_completion_at=step.estimated_completion_at,
        )
    await record(work, held.before, moved, events, held.actor)
    return moved
