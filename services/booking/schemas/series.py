"""Series of bookings."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from services.booking.domain.booking import Source
from services.booking.domain.recurrence import NotARule, Rule, parse
from services.booking.domain.request import Visit
from services.booking.domain.series import Series
from services.booking.schemas.slots import SlotInput
from services.booking.schemas.visits import VisitInput


class NewSeries(SlotInput, VisitInput):
    """Visits that recur: the first is at `drop_off_at`, the others when the rule says.

    The rule is RFC 5545's with FREQ (DAILY, WEEKLY, MONTHLY), INTERVAL, BYDAY and COUNT or UNTIL.
    """

    rrule: Annotated[
        str,
        StringConstraints(max_length=200),
        Field(examples=["FREQ=WEEKLY;INTERVAL=4;COUNT=6"]),
    ]

    @field_validator("rrule")
    @classmethod
    def _is_a_rule(cls, text: str) -> str:
        try:
            parse(text)
        except NotARule as wrong:
            raise PydanticCustomError("not-a-rule", "{why}", {"why": str(wrong)}) from None
        return text

    def rule(self) -> tuple[str, Rule]:
        """Return the rule as it was sent, and as the domain knows it."""
        return self.rrule, parse(self.rrule)

    def visits(self) -> Visit:
        """Read whose visits they are as the domain knows it."""
        return replace(self.visit(), source=Source.SERIES)


class OccurrenceOut(BaseModel):
    """One of a series: its booking, or the code and words of why there is none."""

    drop_off_at: datetime
    booking_id: str | None
    code: str | None
    detail: str | None


class SeriesOut(BaseModel):
    """What was asked for, and what came of each occurrence when it was."""

    id: str
    partner_id: str
    workshop_id: str
    rrule: str
    occurrences: list[OccurrenceOut]
    created_at: datetime

    @classmethod
    def of(cls, series: Series) -> SeriesOut:
        """Show a series."""
        return cls(
            id=series.id,
            partner_id=series.partner_id,
            workshop_id=series.workshop_id,
            rrule=series.rule,
            occurrences=[
                OccurrenceOut.model_validate(each, from_attributes=True)
                for each in series.occurrences
            ],
            created_at=series.created_at,
        )
