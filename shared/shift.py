"""A clock that can be put forward: for a sandbox, and for tests."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.clock import SystemClock


class ShiftedClock(SystemClock):
    """The machine's clock, ahead by what it was advanced."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        """Return the shifted moment in UTC."""
        return super().now() + self._ahead

    def advance(self, by: timedelta) -> None:
        """Put the clock forward; raises ValueError for putting it back."""
        if by < timedelta():
            raise ValueError("time only goes forward")
        self._ahead += by
