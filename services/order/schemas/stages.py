"""The HTTP face of time in stage."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, Field

from services.order.domain.order import Status
from services.order.domain.stage_report import StageFigures
from services.order.domain.stages import Policy, Spell, Timeline, Visit
from services.order.handlers.correcting import Correction
from services.order.handlers.stages import Period
from services.order.schemas.orders import Reason
from shared.ids import Id
from shared.inputs import Body, MoneyInput, MoneyOut, UtcMoment

Minutes = Annotated[int, Field(ge=1, le=527_040, examples=[2880])]


class CorrectionInput(Body):
    """Which entry of the history, since when it holds, and why."""

    position: Annotated[int, Field(ge=1, examples=[2])]
    at: UtcMoment
    reason: Reason

    def correction(self) -> Correction:
        """Read it as a command."""
        return Correction(self.position, self.at, self.reason)


class LimitsInput(Body):
    """How long a stage may take, in minutes on the calendar, before everybody is told."""

    pending: Minutes | None = None
    in_progress: Minutes | None = None
    delayed: Minutes | None = None


class PolicyInput(Body):
    """What a vehicle costs a day while it is here, and how long each stage may take."""

    holding_cost_per_day: MoneyInput | None = None
    limits: LimitsInput = Field(default_factory=LimitsInput)

    def policy(self) -> Policy:
        """Read it as the domain knows it."""
        cost, limits = self.holding_cost_per_day, self.limits.model_dump(exclude_none=True)
        return Policy(
            cost.money() if cost else None,
            {Status(name.replace("_", "-")): timedelta(minutes=n) for name, n in limits.items()},
        )


class LimitsOut(BaseModel):
    """Minutes on the calendar; null where there is no limit."""

    pending: int | None = None
    in_progress: int | None = None
    delayed: int | None = None


class PolicyOut(BaseModel):
    """What a partner says of time in stage."""

    holding_cost_per_day: MoneyOut | None
    limits: LimitsOut

    @classmethod
    def of(cls, policy: Policy) -> PolicyOut:
        """Show a policy."""
        cost = policy.holding_cost
        limits = {
            stage.replace("-", "_"): limit // timedelta(minutes=1)
            for stage, limit in policy.limits.items()
        }
        return cls(
            holding_cost_per_day=MoneyOut.of(cost) if cost else None, limits=LimitsOut(**limits)
        )


class SpellOut(BaseModel):
    """Hours on the calendar, and within opening hours where those are known."""

    calendar_hours: float
    shop_hours: float | None

    @classmethod
    def of(cls, spell: Spell) -> SpellOut:
        """Show a time."""
        return cls(
            calendar_hours=_hours(spell.calendar),
            shop_hours=None if spell.shop is None else _hours(spell.shop),
        )


class VisitOut(SpellOut):
    """One stay in a stage; without an end, up to now."""

    stage: Status
    working: bool
    since: datetime
    until: datetime | None
    reason: str | None

    @classmethod
    def of_visit(cls, visit: Visit) -> VisitOut:
        """Show a stay."""
        return cls(
            **dict(SpellOut.of(visit.spell)),
            stage=visit.stage,
            working=visit.is_work,
            since=visit.since,
            until=visit.until,
            reason=visit.reason,
        )


class TimelineOut(BaseModel):
    """Where an order's time went; `time_to_line` once it is completed."""

    stages: list[VisitOut]
    working: SpellOut
    waiting: SpellOut
    time_to_line: SpellOut | None
    holding_cost: MoneyOut | None

    @classmethod
    def of(cls, timeline: Timeline) -> TimelineOut:
        """Show a timeline."""
        return cls(
            stages=[VisitOut.of_visit(each) for each in timeline.visits],
            working=SpellOut.of(timeline.working),
            waiting=SpellOut.of(timeline.waiting),
            time_to_line=timeline.to_line and SpellOut.of(timeline.to_line),
            holding_cost=timeline.holding_cost and MoneyOut.of(timeline.holding_cost),
        )


class ReportQuery(Body):
    """Which stays: those that ended from one moment up to another, 92 days at the most."""

    since: Annotated[UtcMoment, Field(alias="from", examples=["2026-11-01T00:00:00Z"])]
    until: Annotated[UtcMoment, Field(alias="to", examples=["2026-12-01T00:00:00Z"])]
    workshop_id: Id | None = None

    def period(self) -> Period:
        """Read it as a command."""
        return Period(self.since, self.until, self.workshop_id)


class StageOut(BaseModel):
    """A stage at a workshop over the period; hours on the calendar, but for `mean_shop_hours`."""

    workshop_id: str | None
    stage: Status
    working: bool
    count: int
    median_hours: float
    p90_hours: float
    mean_hours: float
    mean_shop_hours: float | None
    holding_cost: MoneyOut | None

    @classmethod
    def of(cls, figures: StageFigures) -> StageOut:
        """Show a stage's figures."""
        cost = figures.holding_cost
        return cls(
            workshop_id=figures.workshop_id,
            stage=figures.stage,
            working=figures.is_work,
            count=figures.count,
            median_hours=figures.median,
            p90_hours=figures.p90,
            mean_hours=figures.mean,
            mean_shop_hours=figures.shop_mean,
            holding_cost=MoneyOut.of(cost) if cost else None,
        )


class ReportOut(BaseModel):
    """Stages, by workshop and in their order."""

    stages: list[StageOut]


def _hours(time: timedelta) -> float:
    return round(time.total_seconds() / 3600, 2)
