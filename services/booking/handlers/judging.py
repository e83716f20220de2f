"""What stands in the way of a visit: the one answer for what is offered and what is booked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from services.booking.domain.booking import Booking
from services.booking.domain.need import COURTESY, Need
from services.booking.domain.obstacle import Cause, Obstacle
from services.booking.domain.openings import LOOKED_AHEAD, Openings
from services.booking.domain.placement import Placement, Stay
from services.booking.domain.plan import Plan
from services.booking.domain.workshop import Workshop
from services.booking.repository import facilities, free, limits, special_days
from services.booking.repository.free import Kept

_MISSED = {
    "bay_id": Cause.NO_BAY,
    "technician_id": Cause.NO_TECHNICIAN,
    "loan_car_id": Cause.LOAN_CAR_TAKEN,
}


@dataclass(frozen=True, slots=True)
class Judged:
    """A stay, and what stands in its way; where nothing does, `placement` is what it can have."""

    stay: Stay
    obstacles: tuple[Obstacle, ...]
    placement: Placement | None = None


async def plan(
    connection: AsyncConnection,
    workshop: Workshop,
    need: Need,
    first: date,
    last: date,
    now: datetime,
) -> Plan:
    """Read when a workshop is open on some days, and how it wants to be booked."""
    until = last + LOOKED_AHEAD
    closures = await facilities.closures_between(connection, workshop.id, first, until)
    special = await special_days.between(connection, workshop.id, first, until)
    rules = workshop.profile.rules
    schedule = workshop.schedule(closures, special)
    openings = Openings.of(schedule, first, last, rules.drop_off_hours, rules.pick_up_hours)
    return Plan(openings, rules, need, now)


async def judge(
    connection: AsyncConnection,
    workshop_id: str,
    plan: Plan,
    stays: Sequence[Stay],
    *,
    chosen: bool = False,
    moving: Booking | None = None,
    waived: Collection[Cause] = (),
) -> list[Judged]:
    """Say what stands in the way of each stay; what its hours or rules refuse isn't looked up.

    `chosen` asks for a choice that lasts; `moving` is a booking that isn't in its own way, nor is
    what is `waived`.
    """
    judged = {
        stay: Judged(stay, tuple(each for each in plan.obstacles(stay) if each.cause not in waived))
        for stay in stays
    }
    left = [each.stay for each in judged.values() if not each.obstacles]
    if left:
        over = await _over(connection, workshop_id, plan, left, moving)
        found = await free.free(
            connection,
            workshop_id,
            plan.need,
            left,
            plan.now,
            chosen=chosen,
            moving=(moving.id, moving.placement) if moving else None,
        )
        missed = dict(_MISSED)
        if {of for kept in found for of in _missing(plan.need, kept)} - {"bay_id"}:
            missed |= await free.lacking(connection, workshop_id, plan.need)
        for stay, kept in zip(left, found, strict=True):
            day = plan.day_of(stay)
            lost = (_obstacle(missed[of], plan.need) for of in _missing(plan.need, kept))
            obstacles = (*over[day], *lost)
            placement = None if obstacles else _placement(plan, stay, kept)
            judged[stay] = Judged(stay, obstacles, placement)
    return list(judged.values())


async def _over(
    connection: AsyncConnection,
    workshop_id: str,
    plan: Plan,
    stays: Sequence[Stay],
    moving: Booking | None,
) -> dict[date, tuple[Obstacle, ...]]:
    """List the limits that are reached, day by day."""
    days = {plan.day_of(stay) for stay in stays}
    limited = plan.limits() | await limits.of_catalog(connection, workshop_id, plan.need)
    if not limited:
        return dict.fromkeys(days, ())
    used = await limits.used(
        connection, workshop_id, days, limited, plan.now, except_for=moving.id if moving else None
    )
    return {
        day: tuple(
            Obstacle(Cause.COURTESY_TAKEN)
            if key == COURTESY
            else Obstacle(Cause.LIMIT_REACHED, f"{key}, {limit} a day")
            for key, limit in limited.items()
            if used.get((day, key), 0) >= limit and not _counted(moving, day, key)
        )
        for day in days
    }


def _counted(moving: Booking | None, day: date, key: str) -> bool:
    """Tell whether a booking was within a day's limit before it was changed."""
    had = moving.placement if moving else None
    return had is not None and had.day == day and key in had.counts_as


def _missing(need: Need, kept: Kept) -> list[str]:
    wanted = {"bay_id": True, "technician_id": need.technician, "loan_car_id": need.loan_car}
    return [of for of, is_needed in wanted.items() if is_needed and getattr(kept, of) is None]


def _obstacle(cause: Cause, need: Need) -> Obstacle:
    return Obstacle(cause, ", ".join(need.skills) if cause is Cause.SKILL_MISSING else None)


def _placement(plan: Plan, stay: Stay, kept: Kept) -> Placement:
    if kept.bay_id is None or stay.pick_up_at is None:
        raise AssertionError("what is missing was an obstacle")
    return Placement(
        bay_id=kept.bay_id,
        technician_id=kept.technician_id,
        loan_car_id=kept.loan_car_id,
        drop_off_at=stay.drop_off_at,
        ends_at=stay.ends_at,
        pick_up_at=stay.pick_up_at,
        kept_from=stay.drop_off_at - plan.need.buffer_before,
        kept_until=stay.ends_at + plan.need.buffer_after,
        day=plan.day_of(stay),
        counts_as=plan.need.counts_as,
    )
