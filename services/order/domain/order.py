"""An order's states and what leads from one to another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.order.domain.supplement import Status as Standing
from services.order.domain.supplement import Supplement, withdrawn
from services.order.domain.terms import Terms, Work
from shared.money import Money


class Status(StrEnum):
    """Where an order stands."""

    AWAITING_PAYMENT = "awaiting-payment"
    PENDING = "pending"
    IN_PROGRESS = "in-progress"
    DELAYED = "delayed"
    COMPLETED = "completed"
    CANCELED = "canceled"


class Action(StrEnum):
    """What can be done to an order."""

    CONFIRM = "confirm"
    START = "start"
    DELAY = "delay"
    RESUME = "resume"
    COMPLETE = "complete"
    CANCEL = "cancel"


class Announcement(StrEnum):
    """What everyone is told of a change."""

    CREATED = "service.created"
    UPDATED = "service.updated"
    COMPLETED = "service.completed"


WHERE_IT_WAS = None
"""A delayed order has one way on: back."""

TRANSITIONS: dict[tuple[Status, Action], tuple[Status | None, Announcement | None]] = {
    (Status.AWAITING_PAYMENT, Action.CONFIRM): (Status.PENDING, Announcement.CREATED),
    # Nobody was told of an unpaid order, so nobody is told of its end.
    (Status.AWAITING_PAYMENT, Action.CANCEL): (Status.CANCELED, None),
    (Status.PENDING, Action.START): (Status.IN_PROGRESS, Announcement.UPDATED),
    (Status.PENDING, Action.DELAY): (Status.DELAYED, Announcement.UPDATED),
    (Status.PENDING, Action.CANCEL): (Status.CANCELED, Announcement.UPDATED),
    (Status.IN_PROGRESS, Action.COMPLETE): (Status.COMPLETED, Announcement.COMPLETED),
    (Status.IN_PROGRESS, Action.DELAY): (Status.DELAYED, Announcement.UPDATED),
    (Status.IN_PROGRESS, Action.CANCEL): (Status.CANCELED, Announcement.UPDATED),
    (Status.DELAYED, Action.RESUME): (WHERE_IT_WAS, Announcement.UPDATED),
    (Status.DELAYED, Action.CANCEL): (Status.CANCELED, Announcement.UPDATED),
}

NEEDS_REASON = frozenset({Action.DELAY, Action.CANCEL})


@dataclass(frozen=True, slots=True)
class Order:
    """An order; `workshop_account` is whoever runs the workshop or moved it first.

    `terms` has the authorised lines alone; `amount_paid` is in minor units of their currency.
    """

    id: str
    partner_id: str
    status: Status
    terms: Terms
    created_at: datetime
    quote_id: str | None = None
    quote_version: int | None = None
    workshop_id: str | None = None
    workshop_account: str | None = None
    deal_id: str | None = None
    external_reference: str | None = None
    estimated_completion_at: datetime | None = None
    completed_at: datetime | None = None
    paid: bool = False
    delayed_from: Status | None = None
    reason: str | None = None
    sequence: int = 0
    supplements: tuple[Supplement, ...] = ()
    amount_paid: int = 0
    payment_method: str | None = None
    attachments: int = 0

    @property
    def balance_due(self) -> Money:
        """Return what is still to be paid of the authorised work; of a canceled order nothing."""
        total = self.terms.total
        due = 0 if self.status is Status.CANCELED else max(0, total.amount - self.amount_paid)
        return Money(due, total.currency)

    @property
    def takes_card(self) -> bool:
        """Tell whether something is due that a card pays: a deal's invoice has what is on it."""
        placed = self.status is not Status.AWAITING_PAYMENT
        return placed and self.deal_id is None and self.balance_due.amount > 0


Value = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Change:
    """A field's value before and after."""

    field: str
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class ServiceEvent:
    """An order as it stands after a change that is announced, and why it was changed."""

    announcement: Announcement
    order: Order
    changes: tuple[Change, ...]
    reason: str | None = None


class NotAllowed(Exception):
    """The order's status has no such way on; `allowed` lists the statuses that it has."""

    def __init__(self, order: Order) -> None:
        self.status = order.status
        self.allowed = allowed(order)
        super().__init__(f"an order that is {order.status} can't do that")


class ReasonMissing(ValueError):
    """A delay and a cancellation say why."""


class Undecided(Exception):
    """An order isn't complete while somebody has to decide of a supplement."""

    def __init__(self, open_supplements: tuple[Supplement, ...]) -> None:
        self.supplements = open_supplements
        super().__init__(", ".join(each.id for each in open_supplements))


def destination(order: Order, action: Action) -> Status | None:
    """Tell where an action leads from here; None where it leads nowhere."""
    found = TRANSITIONS.get((order.status, action))
    return found and (found[0] or order.delayed_from)


def allowed(order: Order) -> tuple[Status, ...]:
    """List the statuses that somebody may ask for; only a payment confirms."""
    ways = (destination(order, action) for action in Action if action is not Action.CONFIRM)
    return tuple(status for status in ways if status)


def action_towards(order: Order, target: Status) -> Action:
    """Name the action that leads to a status; raises NotAllowed when none does."""
    for action in Action:
        if action is not Action.CONFIRM and destination(order, action) == target:
            return action
    raise NotAllowed(order)


def act(
    order: Order,
    action: Action,
    now: datetime,
    *,
    reason: str | None = None,
    estimated_completion_at: datetime | None = None,
) -> tuple[Order, tuple[ServiceEvent, ...]]:
    """Move an order on; raises NotAllowed, ReasonMissing or Undecided, and nothing has changed."""
    to = destination(order, action)
    if to is None:
        raise NotAllowed(order)
    if action in NEEDS_REASON and not reason:
        raise ReasonMissing
    undecided = tuple(each for each in order.supplements if each.status is Standing.OPEN)
    if action is Action.COMPLETE and undecided:
        raise Undecided(undecided)
    announcement = TRANSITIONS[order.status, action][1]
    moved = replace(
        order,
        status=to,
        delayed_from=order.status if action is Action.DELAY else None,
        reason=reason,
        estimated_completion_at=estimated_completion_at or order.estimated_completion_at,
        completed_at=now if action is Action.COMPLETE else None,
        sequence=order.sequence + (1 if announcement else 0),
    )
    if action is Action.COMPLETE:
        lines = tuple(replace(line, work=Work.DONE) for line in order.terms.lines)
        moved = replace(moved, terms=replace(order.terms, lines=lines))
    elif action is Action.CANCEL:
        moved = replace(moved, supplements=withdrawn(order.supplements, now))
    if announcement is None:
        return moved, ()
    return moved, (ServiceEvent(announcement, moved, changes(order, moved), reason),)


def updated(
    before: Order, after: Order, reason: str | None
) -> tuple[Order, tuple[ServiceEvent, ...]]:
    """Announce a change that leaves an order's status as it is."""
    told = replace(after, sequence=before.sequence + 1)
    return told, (ServiceEvent(Announcement.UPDATED, told, changes(before, told), reason),)


def credited(order: Order, amount: Money) -> Order:
    """Count what was paid."""
    more = replace(order, amount_paid=order.amount_paid + amount.amount)
    return replace(more, paid=not more.balance_due.amount)


def taken_by(order: Order, account: str) -> Order:
    """Make whoever moves an order first its workshop account, where no workshop was named."""
    if order.workshop_id or order.workshop_account:
        return order
    return replace(order, workshop_account=account)


def changes(before: Order, after: Order) -> tuple[Change, ...]:
    """Compare what others can see of an order and what may change."""
    was, now = _shown(before), _shown(after)
    differing = (name for name in was | now if was.get(name) != now.get(name))
    return tuple(Change(name, was.get(name), now.get(name)) for name in differing)


def _shown(order: Order) -> dict[str, Value]:
    return {
        "status": str(order.status),
        "paid": order.paid,
        "attachments": order.attachments,
        "total": order.terms.total.amount,
        "scheduled_at": _moment(order.terms.scheduled_at),
        "estimated_completion_at": _moment(order.estimated_completion_at),
        "completed_at": _moment(order.completed_at),
        **{f"supplements/{each.id}": str(each.status) for each in order.supplements},
        **{f"items/{line.id}": str(line.work) for line in order.terms.lines},
    }


def _moment(value: datetime | None) -> str | None:
    return value.isoformat().replace("+00:00", "Z") if value else None
