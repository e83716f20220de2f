"""What supplements do to their order: only authorised lines are worked on, and paid for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from services.order.domain import supplement as supplements
from services.order.domain.order import Order, ServiceEvent, Status, updated
from services.order.domain.supplement import Action, Decision, Supplement, Way

UNDER_WAY = frozenset({Status.PENDING, Status.IN_PROGRESS, Status.DELAYED})
MOST_SUPPLEMENTS = 20
"""Of one order: each event carries them all."""


class NotUnderWay(Exception):
    """An order that isn't paid for yet, or has ended, takes no more work and no decision."""

    def __init__(self, order: Order) -> None:
        self.status = order.status
        super().__init__(f"the order is {order.status}")


class TooMany(Exception):
    """The order has as many supplements as it can have."""


class Unknown(LookupError):
    """The order has no such supplement."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody decided of a supplement."""

    supplement_id: str
    action: Action
    decision: Decision


def propose(
    order: Order, supplement: Supplement, now: datetime
) -> tuple[Order, tuple[ServiceEvent, ...]]:
    """Add a supplement, authorised at once where the pre-authorised sum still covers it.

    Raises NotUnderWay or TooMany.
    """
    check_under_way(order)
    if len(order.supplements) >= MOST_SUPPLEMENTS:
        raise TooMany
    proposed = replace(order, supplements=(*order.supplements, supplement))
    left = supplements.pre_authorized_left(order.terms.pre_authorized, order.supplements)
    if left and left.currency == supplement.currency and supplement.total.amount <= left.amount:
        covered = Decision(Way.PRE_AUTHORIZED, now, now, role="system")
        proposed = _decided(proposed, Verdict(supplement.id, Action.AUTHORIZE, covered))
    return updated(order, proposed, supplement.reason)


def decide(order: Order, verdict: Verdict) -> tuple[Order, tuple[ServiceEvent, ...]]:
    """Authorise, decline or withdraw; raises Unknown, NotUnderWay or AlreadyDecided."""
    known = find(order, verdict.supplement_id)
    check_under_way(order)
    return updated(order, _decided(order, verdict), verdict.decision.note or known.reason)


def find(order: Order, supplement_id: str) -> Supplement:
    """Return one supplement of an order; raises Unknown."""
    for supplement in order.supplements:
        if supplement.id == supplement_id:
            return supplement
    raise Unknown(supplement_id)


def check_under_way(order: Order) -> None:
    """Raise NotUnderWay for an order that takes no more work."""
    if order.status not in UNDER_WAY:
        raise NotUnderWay(order)


def _decided(order: Order, verdict: Verdict) -> Order:
    known = find(order, verdict.supplement_id)
    decided = supplements.decided(known, verdict.action, verdict.decision)
    every = tuple(decided if each is known else each for each in order.supplements)
    if verdict.action is not Action.AUTHORIZE:
        return replace(order, supplements=every)
    lines = (*order.terms.lines, *known.lines)
    grown = replace(
        order,
        supplements=every,
        terms=replace(order.terms, lines=lines),
        estimated_completion_at=known.estimated_completion_at or order.estimated_completion_at,
    )
    return replace(grown, paid=order.paid and not grown.balance_due.amount)
