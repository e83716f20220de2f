"""An event, as it is kept and told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Message:
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
