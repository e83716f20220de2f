"""Opening hours as `{"mon": [["08:00", "12:00"], ["13:00", "17:00"]]}`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from services.booking.domain.hours import DAY_MINUTES, WEEKDAYS, Hours, NotASchedule, Span, spans
from shared.inputs import Body

_WALL_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")

SpanOut = tuple[str, str]


def _minutes(value: Any) -> int:
    found = _WALL_TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise PydanticCustomError("not-a-wall-time", "Give a wall time as 08:00, up to 24:00.")
    return DAY_MINUTES if found[1] is None else int(found[1]) * 60 + int(found[2])


WallTime = Annotated[
    int,
    BeforeValidator(_minutes),
    WithJsonSchema({"type": "string", "pattern": _WALL_TIME.pattern, "examples": ["08:00"]}),
]


def _in_order(pairs: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    try:
        return tuple((span.opens, span.closes) for span in spans(Span(*pair) for pair in pairs))
    except NotASchedule as wrong:
        raise PydanticCustomError("not-a-schedule", "{why}", {"why": str(wrong)}) from None


Day = Annotated[
    tuple[tuple[WallTime, WallTime], ...], Field(max_length=10), AfterValidator(_in_order)
]


QuietHours = Annotated[
    tuple[WallTime, WallTime],
    Field(description="By the customer's clock; over midnight when they begin later than they end"),
]


class WeekInput(Body):
    """Spans of local wall time by weekday; a day without any is closed."""

    mon: Day = ()
    tue: Day = ()
    wed: Day = ()
    thu: Day = ()
    fri: Day = ()
    sat: Day = ()
    sun: Day = ()

    def hours(self) -> Hours:
        """Read it as the domain knows it."""
        week = {day: getattr(self, day) for day in WEEKDAYS}
        return {day: tuple(Span(*pair) for pair in pairs) for day, pairs in week.items() if pairs}


class WeekOut(BaseModel):
    """Spans of local wall time by weekday."""

    mon: list[SpanOut]
    tue: list[SpanOut]
    wed: list[SpanOut]
    thu: list[SpanOut]
    fri: list[SpanOut]
    sat: list[SpanOut]
    sun: list[SpanOut]

    @classmethod
    def of(cls, hours: Hours) -> WeekOut:
        """Show a week."""
        return cls(**{day: shown(hours.get(day, ())) for day in WEEKDAYS})


def shown(day: Iterable[Span]) -> list[SpanOut]:
    """Show a day's spans as wall times."""
    return [(_wall_time(span.opens), _wall_time(span.closes)) for span in day]


def quiet_shown(quiet: tuple[int, int] | None) -> SpanOut | None:
    """Show quiet hours as wall times."""
    return None if quiet is None else (_wall_time(quiet[0]), _wall_time(quiet[1]))


def _wall_time(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
