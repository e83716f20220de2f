"""Events and their types, as they are shown."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field


class EventQuery(BaseModel):
    """Which events are asked for: those received after the event `after`, in order."""

    model_config = ConfigDict(extra="forbid")

    after: Annotated[str | None, Field(max_length=64, examples=["019b0540-…"])] = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class EventTypeOut(BaseModel):
    """A type of event: what it means, its data's JSON Schema, and an example of its data."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    description: str
    dataschema: str
    json_schema: Annotated[dict[str, Any], Field(serialization_alias="schema")]
    example: dict[str, Any]


class EventOut(BaseModel):
    """An event as webhooks tell it, with its id."""

    id: str
    type: str
    timestamp: datetime
    data: dict[str, Any]
    sequence: int
    subject: str
