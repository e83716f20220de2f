"""An order that is held for a change, and in which role somebody changes it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement

from services.order.domain.order import Order, taken_by
from services.order.repository import access, orders
from services.order.repository.orders import Actor
from shared.auth import Caller, Scope
from shared.database import Transaction
from shared.problems import not_found


@dataclass(frozen=True, slots=True)
class Held:
    """A locked order as it was, as it is with whoever changes it, and that one."""

    before: Order
    order: Order
    actor: Actor


async def hold(
    work: Transaction, caller: Caller, order_id: str, whose: ColumnElement[bool]
) -> Held:
    """Lock an order; a workshop's account that changes one which nobody has takes it.

    Raises a 404 Problem for none of these.
    """
    order = await orders.load(work.connection, order_id, whose, lock=True)
    if order is None:
        raise not_found("order")
    actor = access.actor_on(order.partner_id, caller)
    taken = taken_by(order, caller.partner_id) if actor.role == Scope.WORKSHOP else order
    return Held(order, taken, actor)
