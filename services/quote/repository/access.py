"""Which quotes a caller may see, which it may decide on, and which it may price."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, literal_column, or_, select, true

from services.quote.domain.lifecycle import Status
from services.quote.tables.projections import workshops
from services.quote.tables.quotes import quotes
from shared.auth import Caller

ANY = true()
"""For the service's own work, which is nobody's in particular."""

FOR_ANYBODY = and_(
    # Not a parameter: a plan for any value couldn't use an index of the pending ones alone.
    quotes.c.status == literal_column(f"'{Status.PENDING}'"),
    quotes.c.workshop_id.is_(None),
    # Once a workshop has priced it, a later version is that workshop's to price.
    quotes.c.workshop_account.is_(None),
)
"""Match what any workshop may price."""


def visible_to(caller: Caller) -> ColumnElement[bool]:
    """Match what concerns the caller and, for a workshop, what still waits for anybody's price."""
    concerned = concerns(caller)
    return or_(concerned, FOR_ANYBODY) if caller.is_workshop else concerned


def concerns(caller: Caller) -> ColumnElement[bool]:
    """Match the caller's own quotes, those asked of its workshops, and those it has priced."""
    if caller.is_operator:
        return ANY
    own = quotes.c.partner_id == caller.partner_id
    return or_(own, _at_workshop_of(caller)) if caller.is_workshop else own


def priceable_by(caller: Caller) -> ColumnElement[bool]:
    """Match what a workshop may price: what is asked of it, and what names no workshop."""
    return ANY if caller.is_operator else or_(_at_workshop_of(caller), FOR_ANYBODY)


def _at_workshop_of(caller: Caller) -> ColumnElement[bool]:
    at_own = select(workshops.c.id).where(workshops.c.partner_id == caller.partner_id)
    return or_(quotes.c.workshop_id.in_(at_own), quotes.c.workshop_account == caller.partner_id)
