"""What is doubtful of a quote: let pass, but told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Doubt:
    """A doubt about one field of the request, with what would settle it, if that can be told."""

    pointer: str
    code: str
    message: str
    suggestion: str | None = None
