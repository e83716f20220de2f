"""A retry budget: what an endpoint fails to take comes back no faster than it takes other things.

Without one, an endpoint that fails half of the time would be sent several times what it was before.
"""

from __future__ import annotations

from dataclasses import dataclass

CREDIT = 0.2
"""Retries that each success pays for."""

A_SECOND = 1.0
"""Retries a second that are free."""

MOST = 10.0
"""Retries that may be saved up."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Moments are seconds of any clock that only goes forward; below zero, retries have to wait."""

    saved: float = MOST
    counted_at: float = 0.0

    def succeeded(self, now: float, times: int = 1) -> Budget:
        """Save up for retries."""
        return Budget(min(self._saved_by(now) + CREDIT * times, MOST), now)

    def spent(self, now: float) -> tuple[Budget, float]:
        """Pay for a retry; say how many seconds later than planned it has to come."""
        left = self._saved_by(now) - 1
        return Budget(left, now), max(0.0, -left / A_SECOND)

    def _saved_by(self, now: float) -> float:
        return min(self.saved + (now - self.counted_at) * A_SECOND, MOST)
