"""A circuit breaker: an endpoint that keeps failing gets a probe now and then, not its backlog."""

from __future__ import annotations

from dataclasses import dataclass, replace

BREAK_AFTER = 5
"""Failures in a row, without a success between them, after which only probes are sent."""

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
"""Seconds between probes: doubled by each that fails, up to a minute."""


@dataclass(frozen=True, slots=True)
class Breaker:
    """Moments are seconds of any clock that only goes forward."""

    failures: int = 0
    closed_until: float = 0.0

    @property
    def tripped(self) -> bool:
        """Tell whether only one may be in flight: a probe."""
        return self.failures >= BREAK_AFTER

    def lets_through(self, now: float) -> bool:
        """Tell whether anything may be sent by now."""
        return not self.tripped or now >= self.closed_until

    def succeeded(self) -> Breaker:
        """Note that the endpoint took something: all may flow again."""
        return self if self == _WHOLE else _WHOLE

    def failed(self, now: float, longest: float = LONGEST_PAUSE) -> Breaker:
        """Note a failure, of whatever kind; no pause is longer than `longest`."""
        if self.tripped and now < self.closed_until:
            return self  # it was in flight before
        failures = self.failures + 1
        if failures < BREAK_AFTER:
            return replace(self, failures=failures)
        pause = min(FIRST_PAUSE * 2.0 ** min(failures - BREAK_AFTER, 10), longest)
        return Breaker(failures, now + pause)


_WHOLE = Breaker()
