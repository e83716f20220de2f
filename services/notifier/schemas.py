"""The HTTP face of webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import RowMapping

from services.notifier.domain.delivery import DeliveryStatus
from services.notifier.domain.endpoint import DisabledReason, EndpointStatus
from services.notifier.handlers.endpoints import Change, NewEndpoint
from services.notifier.repository.endpoints import Registered
from shared.inputs import Body, Paragraph
from shared.pages import PageQuery

MAX_URL = 2048
MAX_PATTERNS = 50

Method = Literal["POST", "PUT", "PATCH"]
Url = Annotated[str, StringConstraints(min_length=1, max_length=MAX_URL, pattern=r"^[\x21-\x7e]+$")]
Patterns = Annotated[
    list[Annotated[str, StringConstraints(min_length=1, max_length=100)]],
    Field(min_length=1, max_length=MAX_PATTERNS, examples=[["service.*", "booking.created"]]),
]


class EndpointInput(Body):
    """Where webhooks shall go, and which."""

    url: Annotated[Url, Field(examples=["https://dealer.example/hooks"])]
    events: Patterns
    method: Method = "POST"
    description: Paragraph | None = None

    def asked(self) -> NewEndpoint:
        """Read it as the handlers know it."""
        return NewEndpoint(self.url, self.events, self.method, self.description)


class EndpointChange(Body):
    """What shall change; `status` enables an endpoint that was disabled, or disables it."""

    url: Url | None = None
    events: Patterns | None = None
    method: Method | None = None
    description: Paragraph | None = None
    status: EndpointStatus | None = None

    @field_validator("url", "events", "method", "status", mode="before")
    @classmethod
    def _given_or_left_out(cls, value: object) -> object:
        if value is None:
            raise PydanticCustomError("not-null", "Give a value, or leave it out.")
        return value

    def asked(self) -> Change:
        """Read it as the handlers know it: what isn't given stays."""
        describes = "description" in self.model_fields_set
        return Change(
            self.url, self.events, self.method, self.status, self.description, describes=describes
        )


class TestInput(Body):
    """Which type's example to send; without it, the first that the endpoint asks for."""

    type: Annotated[str, StringConstraints(max_length=100)] | None = None


class DeliveryQuery(PageQuery):
    """Which page of which deliveries is asked for."""

    status: DeliveryStatus | None = None


class EventQuery(BaseModel):
    """Which events are asked for: those received after the event `after`, in order."""

    after: Annotated[str | None, Field(max_length=64, examples=["019b0540-…"])] = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class EndpointOut(BaseModel):
    """An endpoint, without its secret."""

    id: str
    partner_id: str
    url: str
    events: list[str]
    method: Method
    description: str | None
    status: EndpointStatus
    disabled_reason: DisabledReason | None
    disabled_at: datetime | None
    failing_since: datetime | None
    former_secret_until: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, registered: Registered) -> EndpointOut:
        """Show an endpoint."""
        health = registered.endpoint
        return cls.model_validate(
            {
                "id": health.id,
                "partner_id": health.partner_id,
                "url": health.url,
                "events": list(registered.events),
                "method": registered.method,
                "description": registered.description,
                "status": health.status,
                "disabled_reason": health.disabled_reason,
                "disabled_at": health.disabled_at,
                "failing_since": health.failing_since,
                "former_secret_until": registered.former_secret_until,
                "created_at": registered.created_at,
            }
        )


class EndpointWithSecret(EndpointOut):
    """An endpoint just made, or whose secret was just renewed: the only time it is shown."""

    secret: Annotated[str, Field(examples=["whsec_…"])]


class AttemptOut(BaseModel):
    """What came of one attempt; `answer` is the beginning (20 kB) of what the receiver said."""

    id: str
    started_at: datetime
    duration_ms: int
    status: int | None
    error: str | None
    answer: str


class DeliveryOut(BaseModel):
    """One event on its way to one endpoint."""

    id: str
    endpoint_id: str
    event_id: str
    event_type: str
    status: DeliveryStatus
    attempt_count: int
    last_status: int | None
    next_attempt_at: datetime | None
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, row: RowMapping) -> DeliveryOut:
        """Show a delivery."""
        queued = row["status"] == DeliveryStatus.QUEUED
        return cls.model_validate(
            {
                **row,
                "attempt_count": row["attempts"],
                "next_attempt_at": row["due_at"] if queued else None,
            }
        )


class DeliveryWithAttempts(DeliveryOut):
    """A delivery, and the last hundred attempts, oldest first."""

    attempts: list[AttemptOut]

    @classmethod
    def with_attempts(cls, row: RowMapping, tried: Sequence[RowMapping]) -> DeliveryWithAttempts:
        """Show a delivery and what was tried."""
        shown = [
            {**each, "answer": bytes(each["answer"]).decode(errors="replace")} for each in tried
        ]
        return cls.model_validate({**DeliveryOut.of(row).model_dump(), "attempts": shown})


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
