"""How often a visitor of the booking page may try to change something, and how much hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.booking.domain.hold import TooManyHolds

WINDOW = timedelta(minutes=10)


class Deed(StrEnum):
    """What a visitor does that costs others something."""

    HOLD = "hold"
    BOOK = "book"
    CHANGE = "change"


ALLOWED = {Deed.HOLD: 10, Deed.BOOK: 20, Deed.CHANGE: 20}
"""Times within a window, of each visitor at each workshop."""


class TooOften(Exception):
    """The visitor has to wait as long as `left`."""

    def __init__(self, left: timedelta) -> None:
        self.left = left
        super().__init__(str(left))


def check(deed: Deed, count: int, since: datetime, now: datetime) -> None:
    """See that a visitor's `count`-th try since its window began is allowed; raises TooOften."""
    if count > ALLOWED[deed]:
        raise TooOften(since + WINDOW - now)


MAX_OF_VISITOR = 3
"""Times that one visitor may hold at one workshop; for one more, the first is given up."""

MAX_BY_PAGE = 20
"""Times that all visitors of a workshop's page may hold together."""

SURE = timedelta(minutes=2)
"""How long a visitor keeps a time, however many others come for one."""


@dataclass(frozen=True, slots=True)
class HeldByPage:
    """A time that a visitor holds."""

    hold_id: str
    visitor: bytes
    since: datetime


def given_up(held: Iterable[HeldByPage], visitor: bytes, now: datetime) -> list[str]:
    """Choose the holds that end so that a visitor can have another; raises TooManyHolds.

    They are the visitor's own oldest first, and then, where the page holds too much, whosever is
    the oldest of all.
    """
    standing = sorted(held, key=lambda each: each.since)
    own = [each for each in standing if each.visitor == visitor]
    ended = own[: max(0, len(own) + 1 - MAX_OF_VISITOR)]
    if len(standing) - len(ended) >= MAX_BY_PAGE:
        oldest = next(each for each in standing if each not in ended)
        if oldest.since + SURE > now:
            raise TooManyHolds
        ended.append(oldest)
    return [each.hold_id for each in ended]
