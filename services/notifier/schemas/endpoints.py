"""Endpoints: what is asked of them, and how they are shown."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from services.notifier.domain.endpoint import DisabledReason, EndpointStatus
from services.notifier.handlers.endpoints import Change, NewEndpoint
from services.notifier.repository.endpoints import Registered
from shared.inputs import Body, Paragraph

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
