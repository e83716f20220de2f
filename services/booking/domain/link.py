"""A partner's link to the booking page: on whose behalf is booked, and what is filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

USUAL_LIFE = timedelta(days=30)
MAX_LIFE = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Link:
    """What a link says; `typed` is filled into the page's form, by its fields' names.

    The rest of the car (`make`, `model`, `year`, `mileage`) isn't asked for on the page.
    """

    partner_id: str
    workshop_id: str
    service_ids: tuple[str, ...] = ()
    typed: Mapping[str, str] = field(default_factory=dict)
    car: Mapping[str, str | int] = field(default_factory=dict)
    external_reference: str | None = None
