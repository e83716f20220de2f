"""Which form of a thing its reader likes best (RFC 9110, 12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends, Header

MAX_RANGES = 20


def by_liking(accept: str | None) -> list[str]:
    """List what an `Accept` header takes, what is liked best first."""
    ranges = [part.split(";") for part in (accept or "*/*").split(",")[:MAX_RANGES]]
    weighed = [(_weight(options), kind.strip().lower()) for kind, *options in ranges]
    return [kind for weight, kind in sorted(weighed, key=lambda each: -each[0]) if weight > 0]


async def _accepted(
    accept: Annotated[str | None, Header(max_length=500, include_in_schema=False)] = None,
) -> list[str]:
    return by_liking(accept)


Accepted = Annotated[list[str], Depends(_accepted)]


def preferred(accepted: Sequence[str], offered: Sequence[str]) -> str:
    """Choose what is liked best of what there is; the first of it where nothing is liked."""
    for kind in accepted:
        if kind in offered:
            return kind
        if kind == "*/*":
            break
    return offered[0]


def _weight(options: Sequence[str]) -> float:
    for option in options:
        name, _, value = option.strip().partition("=")
        if name == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
