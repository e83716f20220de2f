"""Sides of a comparison take turns (A B A B …), so that a busy machine is busy for all of them."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

ROUNDS = 5

Sample = Mapping[str, float]
Side = Callable[[], Awaitable[Sample]]


@dataclass(frozen=True)
class Figure:
    """One line of the table: a measure of ours against the baseline's, round by round."""

    what: str
    unit: str
    ours: Sequence[float]
    baseline: Sequence[float]
    against: str
    """What the baseline is."""

    @property
    def ratios(self) -> list[float]:
        """Ours divided by the baseline, within each round."""
        return [ours / base for ours, base in zip(self.ours, self.baseline, strict=True)]

    @property
    def median_of_ours(self) -> float:
        """What is typical of ours."""
        return median(self.ours)

    @property
    def median_of_baseline(self) -> float:
        """What is typical of the baseline."""
        return median(self.baseline)

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios."""
        return median(self.ratios)


async def take_turns(sides: Mapping[str, Side], *, warm_up: bool = True) -> dict[str, list[Sample]]:
    """Measure each side once a round, and first of all for warming up; say each sample."""
    samples: dict[str, list[Sample]] = {name: [] for name in sides}
    for number in range(0 if warm_up else 1, ROUNDS + 1):
        for name, measure in sides.items():
            before = time.monotonic()
            sample = await measure()
            if number:
                samples[name].append(sample)
            values = "  ".join(f"{value:>9,.5g} {unit}" for unit, value in sample.items())
            turn = f"round {number}" if number else "warm-up"
            print(
                f"  {turn:8} {name:34} {values}   [{time.monotonic() - before:.1f} s]", flush=True
            )
    return samples


def figure(
    what: str, unit: str, samples: Mapping[str, Sequence[Sample]], ours: str, baseline: str
) -> Figure:
    """Compare two sides of a run by one of their measures."""
    return Figure(
        what,
        unit,
        [sample[unit] for sample in samples[ours]],
        [sample[unit] for sample in samples[baseline]],
        baseline,
    )
