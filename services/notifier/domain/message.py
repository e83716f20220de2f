"""An event, as it is kept and told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple


class Message(NamedTuple):
    """An event to be told of; `data` is its JSON text, the same to the byte for ever."""

    event_id: str
    type: str
    subject: str
    sequence: int
    partner_id: str
    workshop_id: str | None
    time: datetime
    data: str
    test: bool = False
    vin: str | None = None


def vin_in(data: Mapping[str, Any]) -> str | None:
    """Find the vehicle that an event's data is about, if it names one by its VIN."""
    for name in ("vehicle", "car"):
        vehicle = data.get(name)
        if isinstance(vehicle, Mapping) and isinstance(vin := vehicle.get("vin"), str):
            return vin.upper()
    return None
