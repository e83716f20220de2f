"""Work that was found on the way: proposed by the workshop, done once somebody authorised it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from services.order.domain.sums import Summed
from services.order.domain.tax_summary import UNNAMED
from services.order.domain.terms import Line, TaxShare
from shared.money import Money, Rounding, total


class Status(StrEnum):
    """Where a supplement stands."""

    OPEN = "open"
    AUTHORIZED = "authorized"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Action(StrEnum):
    """What can be decided of a supplement."""

    AUTHORIZE = "authorize"
    DECLINE = "decline"
    WITHDRAW = "withdraw"


class Way(StrEnum):
    """How a decision reached the workshop."""

    API = "api"
    PHONE = "phone"
    EMAIL = "email"
    IN_PERSON = "in-person"
    PRE_AUTHORIZED = "pre-authorized"
    ORDER_CANCELED = "order-canceled"


TRANSITIONS: dict[tuple[Status, Action], Status] = {
    (Status.OPEN, Action.AUTHORIZE): Status.AUTHORIZED,
    (Status.OPEN, Action.DECLINE): Status.DECLINED,
    (Status.OPEN, Action.WITHDRAW): Status.WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decided, how and when; `by` names a person who wasn't the client that said so."""

    way: Way
    at: datetime
    recorded_at: datetime
    role: str
    client_id: str | None = None
    by: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Supplement(Summed):
    """Lines that one decision is about; `estimated_completion_at` holds once it is authorised."""

    id: str
    status: Status
    reason: str
    lines: tuple[Line, ...]
    created_at: datetime
    client_id: str | None = None
    estimated_completion_at: datetime | None = None
    decision: Decision | None = None
    attachment_ids: tuple[str, ...] = ()

    @property
    def currency(self) -> str:
        """Name the currency of its lines, of which it has one at the least."""
        return self.lines[0].price.currency


class AlreadyDecided(Exception):
    """A decision stands; `supplement` says which."""

    def __init__(self, supplement: Supplement) -> None:
        self.supplement = supplement
        super().__init__(f"the supplement {supplement.id} is {supplement.status}")


def priced(
    *,
    service: str,
    description: str,
    quantity: int,
    notes: str | None,
    labour: Money | None,
    parts: Money | None,
    fees: Money | None,
    tax_rate: Decimal,
) -> Line:
    """Sum a line's price, and round its tax once; it has no id yet.

    Raises ValueError when its parts are of several currencies, or there are none.
    """
    given = [part for part in (labour, parts, fees) if part]
    if not given:
        raise ValueError("a line costs something, or says that it is free")
    price = total(given, given[0].currency)
    tax = price.times(tax_rate, Rounding.HALF_UP)
    return Line(
        "",
        service,
        description,
        quantity,
        notes,
        price,
        tax,
        labour=labour,
        parts=parts,
        fees=fees,
        taxes=(TaxShare(UNNAMED, tax, tax_rate),),
    )


def decided(supplement: Supplement, action: Action, decision: Decision) -> Supplement:
    """Decide of an open supplement; raises AlreadyDecided of another."""
    status = TRANSITIONS.get((supplement.status, action))
    if status is None:
        raise AlreadyDecided(supplement)
    return replace(supplement, status=status, decision=decision)


def withdrawn(every: tuple[Supplement, ...], now: datetime) -> tuple[Supplement, ...]:
    """Withdraw what is open, as its order is canceled."""
    gone = Decision(Way.ORDER_CANCELED, now, now, role="system")
    return tuple(
        decided(each, Action.WITHDRAW, gone) if each.status is Status.OPEN else each
        for each in every
    )


def pre_authorized_left(cap: Money | None, supplements: tuple[Supplement, ...]) -> Money | None:
    """Return what is left of a cap after what it has authorised; None where there is no cap."""
    if cap is None:
        return None
    taken = (each.total for each in supplements if _by_cap(each))
    return cap - total(taken, cap.currency)


def _by_cap(supplement: Supplement) -> bool:
    decision = supplement.decision
    return decision is not None and decision.way is Way.PRE_AUTHORIZED
