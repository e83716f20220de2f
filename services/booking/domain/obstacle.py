"""What can stand in the way of a visit."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Cause(StrEnum):
    """Stable codes of what stands in the way; of each, `SAID` is what a person reads."""

    CLOSED = "closed"
    OUTSIDE_HOURS = "outside-hours"
    OFF_GRID = "off-grid"
    OUTSIDE_DROP_OFF = "outside-drop-off"
    NO_PICK_UP = "no-pick-up"
    TOO_SOON = "too-soon"
    TOO_FAR_AHEAD = "too-far-ahead"
    LIMIT_REACHED = "limit-reached"
    COURTESY_TAKEN = "courtesy-taken"
    NO_BAY = "no-bay"
    NO_TECHNICIAN = "no-technician"
    SKILL_MISSING = "skill-missing"
    LOAN_CAR_TAKEN = "loan-car-taken"
    NO_LOAN_CAR = "no-loan-car"


SAID = {
    Cause.CLOSED: "The workshop is closed that day.",
    Cause.OUTSIDE_HOURS: "The work doesn't fit the workshop's hours.",
    Cause.OFF_GRID: "No slot begins at this time.",
    Cause.OUTSIDE_DROP_OFF: "No cars are dropped off at this time.",
    Cause.NO_PICK_UP: "There is no time to pick the car up within two weeks.",
    Cause.TOO_SOON: "The workshop needs more notice.",
    Cause.TOO_FAR_AHEAD: "The workshop doesn't plan that far ahead.",
    Cause.LIMIT_REACHED: "The workshop takes no more of this that day.",
    Cause.COURTESY_TAKEN: "No courtesy is left that day.",
    Cause.NO_BAY: "No bay is free for the whole time.",
    Cause.NO_TECHNICIAN: "No technician for this is free for the whole time.",
    Cause.SKILL_MISSING: "No technician has all the skills that this needs.",
    Cause.LOAN_CAR_TAKEN: "No loan car is free until the pick-up.",
    Cause.NO_LOAN_CAR: "The workshop has no loan car.",
}

OF_NEW_BOOKINGS = frozenset(
    {Cause.OFF_GRID, Cause.OUTSIDE_DROP_OFF, Cause.TOO_SOON, Cause.TOO_FAR_AHEAD}
)
"""What doesn't stand in the way of a booking that has its time already."""

OF_HOURS = frozenset({Cause.CLOSED, Cause.OUTSIDE_HOURS})
"""What doesn't either, unless it takes longer now."""

OVERLOOKED = "outside-hours"
"""The warning that a visit was written down although the hours say otherwise."""

OF_WALK_INS = OF_NEW_BOOKINGS | OF_HOURS | {Cause.NO_PICK_UP}
"""What doesn't stand in the way of writing down who the workshop itself says is there."""

TAKEN_BY_OTHERS = frozenset(
    {Cause.NO_BAY, Cause.NO_TECHNICIAN, Cause.LOAN_CAR_TAKEN, Cause.COURTESY_TAKEN}
)
"""What another visit has; when that one is cancelled, it's free."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that stands in the way; `about` is which limit, closure or skills."""

    cause: Cause
    about: str | None = None

    def __str__(self) -> str:
        """Say it to a person."""
        said = SAID[self.cause]
        return f"{said[:-1]}: {self.about}." if self.about else said


class Refused(Exception):
    """A visit that something stands in the way of."""

    def __init__(self, *obstacles: Obstacle) -> None:
        self.obstacles = obstacles
        super().__init__(" ".join(map(str, obstacles)))
