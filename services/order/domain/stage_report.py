"""What stages took over a period, by workshop."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from statistics import fmean, median, quantiles

from services.order.domain.order import Status
from services.order.domain.stages import STAGES, WORKING, Policy, Spell, holding_cost
from shared.money import Money


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay in a stage that ended."""

    workshop_id: str | None
    stage: Status
    spell: Spell


@dataclass(frozen=True, slots=True)
class StageFigures:
    """Hours on the calendar, but for `shop_mean`; the percentile is interpolated."""

    workshop_id: str | None
    stage: Status
    is_work: bool
    count: int
    median: float
    p90: float
    mean: float
    shop_mean: float | None
    holding_cost: Money | None


def report(stays: Iterable[Stay], policy: Policy) -> list[StageFigures]:
    """Sum up stays, by workshop and in the order of stages."""
    grouped: dict[tuple[str | None, Status], list[Spell]] = defaultdict(list)
    for stay in stays:
        grouped[stay.workshop_id, stay.stage].append(stay.spell)
    found = [_figures(*where, spells, policy) for where, spells in grouped.items()]
    return sorted(found, key=lambda each: (each.workshop_id or "", STAGES.index(each.stage)))


def _figures(
    workshop_id: str | None, stage: Status, spells: list[Spell], policy: Policy
) -> StageFigures:
    calendar = [_hours(each.calendar) for each in spells]
    shop = [_hours(each.shop) for each in spells if each.shop is not None]
    p90 = quantiles(calendar, n=10, method="inclusive")[-1] if len(calendar) > 1 else calendar[0]
    held = sum((each.calendar for each in spells), timedelta())
    return StageFigures(
        workshop_id=workshop_id,
        stage=stage,
        is_work=stage in WORKING,
        count=len(spells),
        median=round(median(calendar), 2),
        p90=round(p90, 2),
        mean=round(fmean(calendar), 2),
        shop_mean=round(fmean(shop), 2) if len(shop) == len(spells) else None,
        holding_cost=holding_cost(policy, held),
    )


def _hours(time: timedelta) -> float:
    return time.total_seconds() / 3600
