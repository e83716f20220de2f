"""Which orders a caller may see, and which it may work on; of the rest it never learns."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from services.order.repository.orders import Actor
from services.order.tables.orders import orders
from services.order.tables.projections import workshops
from shared.auth import Caller, Scope


def visible_to(caller: Caller) -> ColumnElement[bool]:
    """Match a partner's own orders, and whatever the caller may work on."""
    if Scope.PARTNER in caller.scopes:
        return or_(orders.c.partner_id == caller.partner_id, workable_by(caller))
    return workable_by(caller)


def workable_by(caller: Caller) -> ColumnElement[bool]:
    """Match the orders of an account's workshops, and those that no workshop has yet."""
    if caller.is_operator:
        return true()
    if not caller.is_workshop:
        return false()
    its_workshops = select(workshops.c.id).where(workshops.c.partner_id == caller.partner_id)
    nobodys = and_(orders.c.workshop_id.is_(None), orders.c.workshop_account.is_(None))
    return and_(
        # An unpaid attempt isn't an order yet.
        orders.c.sequence > 0,
        or_(
            orders.c.workshop_account == caller.partner_id,
            orders.c.workshop_id.in_(its_workshops),
            nobodys,
        ),
    )


def actor_on(partner_id: str, caller: Caller) -> Actor:
    """Say in which role a caller acts on an order of this partner."""
    if caller.is_operator:
        return Actor(Scope.OPERATOR, caller.client_id)
    if partner_id == caller.partner_id and Scope.PARTNER in caller.scopes:
        return Actor(Scope.PARTNER, caller.client_id)
    return Actor(Scope.WORKSHOP, caller.client_id)
