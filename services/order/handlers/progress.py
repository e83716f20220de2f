"""Moving an order on: the work itself, and its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.order.domain.order import Action, Order, Status, act, action_towards
from services.order.domain.payment import Payment
from services.order.domain.stages import OutOfOrder, check_moment
from services.order.handlers import refusals
from services.order.handlers.giving_back import give_back, paid_for
from services.order.handlers.holding import Held, hold
from services.order.handlers.recording import record
from services.order.repository import access, ledger, stages
from shared.auth import Caller
from shared.database import Database, Transaction
from shared.idempotency import Answer, Once
from shared.money import Money
from shared.problems import invalid


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
    at: datetime | None = None
    """Since when, if that was earlier than it is said."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Why an order ends, and how much of what was paid goes back: all of it, unless it says."""

    reason: str
    refund: Money | None = None


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
        if step.at:
            await _check_moment(work, order_id, step.at)
        moved = await _act(work, held, action, step)
        payments = await ledger.of_orders(work.connection, [order_id])
        return await once.answer(work, View(moved, payments[order_id]))


async def cancel(
    database: Database, caller: Caller, order_id: str, ending: Ending, once: Once[View]
) -> Answer:
    """End an order; what was paid is owed back, and the settling worker sees to it."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        held = await hold(work, caller, order_id, access.visible_to(caller))
        canceled = await _act(work, held, Action.CANCEL, Step(ending.reason))
        paid = await paid_for(work, order_id)
        with refusals.of_refund("/refund/amount"):
            settled = await give_back(work, order_id, paid, ending.refund, ending.reason)
        return await once.answer(work, View(canceled, settled))


async def _act(work: Transaction, held: Held, action: Action, step: Step) -> Order:
    with refusals.told():
        moved, events = act(
            held.order,
            action,
            step.at or work.now,
            reason=step.reason,
            estimated_completion_at=step.estimated_completion_at,
        )
    await record(work, held.before, moved, events, held.actor, since=step.at)
    return moved


async def _check_moment(work: Transaction, order_id: str, at: datetime) -> None:
    try:
        check_moment(at, await stages.moves(work.connection, order_id), work.now)
    except OutOfOrder:
        message = "It is neither in the future nor before the change before."
        raise invalid("/at", "out-of-order", message) from None
