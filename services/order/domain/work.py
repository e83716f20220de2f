"""The work on each line of an order: none is done that nobody authorised."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from services.order.domain.order import Order, ServiceEvent, Status, updated
from services.order.domain.supplement import Supplement
from services.order.domain.terms import Line, Work


class Action(StrEnum):
    """What is done with a line."""

    START = "start"
    FINISH = "finish"


TRANSITIONS: dict[tuple[Work, Action], Work] = {
    (Work.TO_DO, Action.START): Work.IN_PROGRESS,
    (Work.TO_DO, Action.FINISH): Work.DONE,
    (Work.IN_PROGRESS, Action.FINISH): Work.DONE,
    # What an inspection sends back is work again.
    (Work.DONE, Action.START): Work.IN_PROGRESS,
}


class UnknownLine(LookupError):
    """The order has no such line."""


class NotAuthorized(Exception):
    """The line is of a supplement that isn't authorised."""

    def __init__(self, line: Line, supplement: Supplement) -> None:
        self.line = line
        self.supplement = supplement
        super().__init__(f"the line {line.id} is {supplement.status}")


class NotInProgress(Exception):
    """Lines are worked on while their order is in progress."""

    def __init__(self, order: Order) -> None:
        self.status = order.status
        super().__init__(f"the order is {order.status}")


class NotAllowed(Exception):
    """The line has no such way on; `allowed` lists those that it has."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.allowed = [to for (at, _), to in TRANSITIONS.items() if at is line.work]
        super().__init__(f"the line {line.id} is {line.work}")


def move(
    order: Order, line_id: str, target: Work, reason: str | None = None
) -> tuple[Order, tuple[ServiceEvent, ...]]:
    """Say how far a line is.

    Raises UnknownLine, NotAuthorized, NotInProgress or NotAllowed.
    """
    line = _authorized(order, line_id)
    if order.status is not Status.IN_PROGRESS:
        raise NotInProgress(order)
    if target not in {to for (at, _), to in TRANSITIONS.items() if at is line.work}:
        raise NotAllowed(line)
    lines = tuple(
        replace(each, work=target) if each.id == line_id else each for each in order.terms.lines
    )
    return updated(order, replace(order, terms=replace(order.terms, lines=lines)), reason)


def _authorized(order: Order, line_id: str) -> Line:
    for line in order.terms.lines:
        if line.id == line_id:
            return line
    for supplement in order.supplements:
        for line in supplement.lines:
            if line.id == line_id:
                raise NotAuthorized(line, supplement)
    raise UnknownLine(line_id)
