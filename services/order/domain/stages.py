"""Time in stage: how long an order waited and was worked on, from its history alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from services.order.domain.order import Status
from services.order.domain.shop_hours import ShopHours, SummedHours
from shared.money import Money, Rounding

STAGES = (Status.PENDING, Status.IN_PROGRESS, Status.DELAYED)
"""Where an order spends time; before `pending` it is nobody's work yet."""

WORKING = frozenset({Status.IN_PROGRESS})
DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Move:
    """A change of status: which entry of the history it is, and when it came into effect."""

    position: int
    to: Status
    at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Spell:
    """A time on the calendar and, where the workshop's hours are known, within them."""

    calendar: timedelta = timedelta()
    shop: timedelta | None = None

    def __add__(self, other: Spell) -> Spell:
        """Add up; of unknown shop hours nothing is known."""
        known = self.shop is not None and other.shop is not None
        shop = (self.shop or timedelta()) + (other.shop or timedelta()) if known else None
        return Spell(self.calendar + other.calendar, shop)


@dataclass(frozen=True, slots=True)
class Visit:
    """One stay in a stage; without `until`, up to now."""

    stage: Status
    since: datetime
    until: datetime | None
    reason: str | None
    spell: Spell

    @property
    def is_work(self) -> bool:
        """Tell working from waiting."""
        return self.stage in WORKING


@dataclass(frozen=True, slots=True)
class Policy:
    """What a partner says of time: what a vehicle costs a day, and how long a stage may take."""

    holding_cost: Money | None = None
    limits: Mapping[Status, timedelta] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Timeline:
    """An order's stays, and their sums; `to_line` is from its creation to its completion."""

    visits: tuple[Visit, ...]
    working: Spell
    waiting: Spell
    to_line: Spell | None
    holding_cost: Money | None


class OutOfOrder(ValueError):
    """A change can't come into effect before the one before it, after the next, or later."""


def timeline(
    moves: Sequence[Move], now: datetime, hours: ShopHours | None, policy: Policy
) -> Timeline:
    """Sum up a history, as it is corrected by now."""
    stays = visits(moves, now, hours)
    nothing = Spell(shop=timedelta() if hours else None)
    working = sum((each.spell for each in stays if each.is_work), nothing)
    waiting = sum((each.spell for each in stays if not each.is_work), nothing)
    is_complete = bool(moves) and moves[-1].to is Status.COMPLETED
    return Timeline(
        stays,
        working,
        waiting,
        working + waiting if is_complete else None,
        holding_cost(policy, (working + waiting).calendar),
    )


def visits(moves: Sequence[Move], now: datetime, hours: ShopHours | None) -> tuple[Visit, ...]:
    """List the stays in stages, in their order."""
    ends = [*(move.at for move in moves[1:]), None]
    return tuple(
        Visit(move.to, move.at, until, move.reason, spell(move.at, until or now, hours))
        for move, until in zip(moves, ends, strict=True)
        if move.to in STAGES
    )


def spell(since: datetime, until: datetime, hours: ShopHours | SummedHours | None) -> Spell:
    """Measure a time; a moment that has yet to come counts for nothing."""
    until = max(since, until)
    return Spell(until - since, hours.open_between(since, until) if hours else None)


def holding_cost(policy: Policy, held: timedelta) -> Money | None:
    """Price a time by the day, on the calendar: a vehicle that stands costs at night, too."""
    if policy.holding_cost is None:
        return None
    days = Decimal(int(held.total_seconds())) / DAY_SECONDS
    return policy.holding_cost.times(days, Rounding.HALF_UP)


def check_moment(at: datetime, moves: Sequence[Move], now: datetime) -> None:
    """See whether a further change may have come into effect at this moment; raises OutOfOrder."""
    if at > now or (moves and at < moves[-1].at):
        raise OutOfOrder


def check_correction(at: datetime, position: int, moves: Sequence[Move], now: datetime) -> Move:
    """Return the move to correct; raises OutOfOrder, or LookupError for no such move."""
    index = next((n for n, move in enumerate(moves) if move.position == position), None)
    if index is None:
        raise LookupError(position)
    earliest = moves[index - 1].at if index else at
    latest = moves[index + 1].at if index + 1 < len(moves) else now
    if not earliest <= at <= latest:
        raise OutOfOrder
    return moves[index]
