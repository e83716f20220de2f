"""The sandbox's clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from shared.contracts.common import Duration
from shared.inputs import Body, IsoDuration, UtcMoment
from shared.problems import invalid


def _forward(by: timedelta) -> timedelta:
    if by <= timedelta():
        raise PydanticCustomError("not-forward", "Time only goes forward.")
    return by


_Forward = Annotated[IsoDuration, AfterValidator(_forward)]


class ClockChange(Body):
    """By how much to advance, or what time it is to be then: one of the two."""

    advance: Annotated[_Forward | None, Field(examples=["PT1S"])] = None
    now: UtcMoment | None = None

    def to(self) -> timedelta | datetime:
        """Read it; raises a 422 Problem when it is neither or both."""
        to = self.advance or self.now
        if to is None or (self.advance and self.now):
            raise invalid("/advance", "one-or-the-other", "Give advance or now.")
        return to


class ClockOut(BaseModel):
    """What time it is in the sandbox, and how far that is ahead of the wall's clock."""

    now: datetime
    ahead: Duration
