"""How a workshop wants to be booked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, Field, WithJsonSchema

from services.booking.domain.hours import Hours
from services.booking.domain.workshop import MAX_AHEAD, Category, Rules
from services.booking.schemas.hours import WeekInput, WeekOut
from services.booking.schemas.values import FewADay, NotNull, ServiceCategory
from shared.inputs import Body

MAX_LEAD_MINUTES = 60 * 24 * 90

LeadMinutes = Annotated[int, Field(ge=0, le=MAX_LEAD_MINUTES, examples=[120])]
NoticeHours = Annotated[int, Field(ge=0, le=24 * 90, examples=[24])]
HorizonDays = Annotated[int, Field(ge=1, le=MAX_AHEAD.days, examples=[90])]
CategoryLimits = Annotated[
    dict[ServiceCategory, FewADay | None],
    WithJsonSchema(
        {
            "type": "object",
            "additionalProperties": {"type": ["integer", "null"], "minimum": 0, "maximum": 1000},
            "propertyNames": {"enum": list(Category)},
            "examples": [{"tyres": 4}],
        }
    ),
]


class RulesInput(Body):
    """What shall be different; what is left out stays, `null` takes a limit or hours away.

    Limits are of bookings a day. Cars are dropped off and picked up while the workshop is open, and
    within `drop_off_hours` and `pick_up_hours`, if there are any. Customers may cancel or ask for
    another time until `cancel_until_hours` before drop-off; with `null`, always.
    """

    lead_minutes: Annotated[LeadMinutes | None, NotNull] = None
    horizon_days: Annotated[HorizonDays | None, NotNull] = None
    daily_limit: FewADay | None = None
    category_limits: Annotated[CategoryLimits | None, NotNull] = None
    drop_off_hours: WeekInput | None = None
    pick_up_hours: WeekInput | None = None
    cancel_until_hours: NoticeHours | None = None

    def applied_to(self, rules: Rules) -> Rules:
        """Change rules."""
        given: dict[str, Any] = {}
        for name in self.model_fields_set:
            value = getattr(self, name)
            given[name] = value.hours() if isinstance(value, WeekInput) else value
        if "lead_minutes" in given:
            given["lead_time"] = timedelta(minutes=given.pop("lead_minutes"))
        if "cancel_until_hours" in given:
            hours = given.pop("cancel_until_hours")
            given["notice"] = None if hours is None else timedelta(hours=hours)
        if "horizon_days" in given:
            given["horizon"] = timedelta(days=given.pop("horizon_days"))
        if self.category_limits is not None:
            limits = {**rules.category_limits, **self.category_limits}
            given["category_limits"] = {of: n for of, n in limits.items() if n is not None}
        return replace(rules, **given)


class RulesOut(BaseModel):
    """How a workshop wants to be booked."""

    lead_minutes: int
    horizon_days: int
    daily_limit: int | None
    category_limits: dict[Category, int]
    drop_off_hours: WeekOut | None
    pick_up_hours: WeekOut | None
    cancel_until_hours: int | None

    @classmethod
    def of(cls, rules: Rules) -> RulesOut:
        """Show rules."""
        return cls(
            lead_minutes=rules.lead_time // timedelta(minutes=1),
            horizon_days=rules.horizon.days,
            daily_limit=rules.daily_limit,
            category_limits=dict(rules.category_limits),
            drop_off_hours=_week(rules.drop_off_hours),
            pick_up_hours=_week(rules.pick_up_hours),
            cancel_until_hours=_hours(rules.notice),
        )


def _week(hours: Hours | None) -> WeekOut | None:
    return None if hours is None else WeekOut.of(hours)


def _hours(notice: timedelta | None) -> int | None:
    return None if notice is None else notice // timedelta(hours=1)
