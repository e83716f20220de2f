"""Which events an endpoint asks for: exact names, a family (`service.*`), or everything (`*`)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

EVERYTHING = "*"


def patterns_matching(event_type: str) -> tuple[str, ...]:
    """List every pattern that lets this type through."""
    family, _, _ = event_type.partition(".")
    return (event_type, f"{family}.{EVERYTHING}", EVERYTHING)


def unknown_patterns(patterns: Sequence[str], known_types: Collection[str]) -> list[int]:
    """Find the places of the patterns that no event type could ever match."""
    possible = {pattern for name in known_types for pattern in patterns_matching(name)}
    return [place for place, pattern in enumerate(patterns) if pattern not in possible]
