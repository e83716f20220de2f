"""Which orders a caller may see, and which it may work on; of the rest it never learns."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import (
    CTE,
    ColumnElement,
    and_,
    false,
    literal_column,
    or_,
    select,
    true,
    union,
)

from services.order.domain.order import Order
from services.order.repository.orders import Actor
from services.order.tables.orders import orders
from services.order.tables.projections import workshops
from shared.auth import Caller, Scope

# Not a parameter: a plan for any value couldn't use an index of the placed orders alone.
PLACED = orders.c.sequence > literal_column("0")
"""An unpaid attempt isn't an order yet."""

NOBODYS = and_(orders.c.workshop_id.is_(None), orders.c.workshop_account.is_(None), PLACED)
"""Orders that no workshop has yet."""


def visible_to(caller: Caller) -> ColumnElement[bool]:
    """Match a partner's own orders, and whatever the caller may work on."""
    if Scope.PARTNER in caller.scopes:
        return or_(orders.c.partner_id == caller.partner_id, workable_by(caller))
    return workable_by(caller)


def own(caller: Caller) -> CTE:
    """Select what is visible but for what no workshop has: each way by an index of its own.

    For what sums up many orders: by one condition with OR, it would read everybody's.
    """
    at_own = select(workshops.c.id).where(workshops.c.partner_id == caller.partner_id)
    ways: list[ColumnElement[bool]] = []
    if caller.is_operator:
        ways = [true()]
    else:
        if Scope.PARTNER in caller.scopes:
            ways.append(orders.c.partner_id == caller.partner_id)
        if caller.is_workshop:
            ways.append(and_(PLACED, orders.c.workshop_account == caller.partner_id))
            ways.append(and_(PLACED, orders.c.workshop_id.in_(at_own)))
    shown = select(orders.c.id, orders.c.workshop_id)
    return union(*(shown.where(way) for way in ways or [false()])).cte("own")


def workable_by(caller: Caller) -> ColumnElement[bool]:
    """Match the orders of an account's workshops, and those that no workshop has yet."""
    if caller.is_operator:
        return true()
    if not caller.is_workshop:
        return false()
    its_workshops = select(workshops.c.id).where(workshops.c.partner_id == caller.partner_id)
    return and_(
        PLACED,
        or_(
            orders.c.workshop_account == caller.partner_id,
            orders.c.workshop_id.in_(its_workshops),
            NOBODYS,
        ),
    )


def is_only_offered(caller: Caller, order: Order) -> bool:
    """Tell whether a caller sees a visible order just because no workshop has it yet."""
    partners = caller.partner_id == order.partner_id and Scope.PARTNER in caller.scopes
    taken = order.workshop_id or order.workshop_account
    return not (caller.is_operator or partners or taken)


def seen_by(caller: Caller, order: Order) -> Order:
    """Leave out of a visible order who and what plate it is about, until it is the workshop's."""
    if not is_only_offered(caller, order):
        return order
    vehicle = replace(order.terms.vehicle, registration=None)
    return replace(order, terms=replace(order.terms, vehicle=vehicle, contact=None))


def actor_on(partner_id: str, caller: Caller) -> Actor:
    """Say in which role a caller acts on an order of this partner."""
    if caller.is_operator:
        return Actor(Scope.OPERATOR, caller.client_id)
    if partner_id == caller.partner_id and Scope.PARTNER in caller.scopes:
        return Actor(Scope.PARTNER, caller.client_id)
    return Actor(Scope.WORKSHOP, caller.client_id)
