"""All that is doubtful of a quote."""

from __future__ import annotations

from datetime import timedelta

from services.quote.domain import vin
from services.quote.domain.doubt import Doubt
from services.quote.domain.quote import Quote


def doubts(quote: Quote) -> tuple[Doubt, ...]:
    """List what to look at again: what contradicts the VIN, and a date that will not be met."""
    return (*vin.doubts(quote.request.vehicle, quote.created_at.year), *_late(quote))


def _late(quote: Quote) -> tuple[Doubt, ...]:
    needed, done = quote.request.needed_by, quote.estimated_completion_at
    if needed is None or done is None or done <= needed:
        return ()
    could = f"{done + timedelta(minutes=1):%Y-%m-%dT%H:%M:00Z}"
    message = f"The work would be done by {could}, when it is ordered now."
    return (Doubt("/needed_by", "needed-by-at-risk", message, could),)
