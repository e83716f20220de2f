"""Endpoints: what is asked of them, and how they are shown."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from services.notifier.domain.endpoint import DisabledReason, EndpointStatus
from services.notifier.domain.narrowing import (
    MAX_HEADERS,
    PAYLOAD_VERSIONS,
    Narrowing,
    header_fault,
    repeated,
)
from services.notifier.domain.signature import public_key_written
from services.notifier.domain.terms import (
    MAX_RATE,
    MAX_WINDOW,
    DeliveryMode,
    SignatureKind,
    Terms,
)
from services.notifier.handlers.endpoints import Change, NewEndpoint
from services.notifier.repository.endpoints import Registered
from services.notifier.schemas.values import Patterns, Reference, Vin
from shared.inputs import Body, Paragraph

MAX_URL = 2048
MAX_NARROWED = 100
REDACTED = "redacted"

Method = Literal["POST", "PUT", "PATCH"]
Url = Annotated[str, StringConstraints(min_length=1, max_length=MAX_URL, pattern=r"^[\x21-\x7e]+$")]
Rate = Annotated[int, Field(strict=True, ge=1, le=MAX_RATE, examples=[10])]
Window = Annotated[int, Field(strict=True, ge=1, le=MAX_WINDOW, examples=[4])]

References = Annotated[list[Reference], Field(min_length=1, max_length=MAX_NARROWED)]
Vins = Annotated[list[Vin], Field(min_length=1, max_length=MAX_NARROWED)]
PayloadVersion = Annotated[int, Field(strict=True, ge=1, le=PAYLOAD_VERSIONS[-1])]


def _headers(headers: dict[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if (fault := header_fault(name, value)) is not None:
            raise PydanticCustomError(fault, "{name} can't be sent so.", {"name": name[:100]})
    if (twice := repeated(headers)) is not None:
        raise PydanticCustomError("repeated-header", "{name} is there twice.", {"name": twice})
    return headers


Headers = Annotated[
    dict[str, str],
    Field(max_length=MAX_HEADERS, examples=[{"X-Api-Key": "s3cret"}]),
    AfterValidator(_headers),
]


def _as_tuple(values: list[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)


class EndpointInput(Body):
    """Where webhooks shall go, and which."""

    url: Annotated[Url, Field(examples=["https://dealer.example/hooks"])]
    events: Patterns
    method: Method = "POST"
    description: Paragraph | None = None
    ordered: bool = False
    """Whether what happens to one thing is told one after the other, in its order."""
    delivery: DeliveryMode = DeliveryMode.ALL
    """`latest`: what waits while something newer about the same thing comes is never sent."""
    rate_per_second: Rate | None = None
    window: Window | None = None
    """How many requests may be in flight at once."""
    signature: SignatureKind = SignatureKind.V1
    """`v1a` signs with an ed25519 key, too: nobody can forge who can only verify."""
    workshop_ids: References | None = None
    """Only what happens at these workshops."""
    vins: Vins | None = None
    """Only what happens to these vehicles."""
    headers: Headers | None = None
    """Sent with each webhook, such as an API key of the receiver's; never shown again."""
    payload_version: PayloadVersion = 1

    def asked(self) -> NewEndpoint:
        """Read it as the handlers know it."""
        terms = Terms(
            self.ordered, self.delivery, self.rate_per_second, self.window, self.signature
        )
        narrowing = Narrowing(
            _as_tuple(self.workshop_ids), _as_tuple(self.vins), self.payload_version
        )
        return NewEndpoint(
            self.url,
            self.events,
            self.method,
            self.description,
            terms,
            narrowing,
            self.headers or {},
        )


class EndpointChange(Body):
    """What shall change; `status` enables an endpoint that was disabled, or disables it."""

    url: Url | None = None
    events: Patterns | None = None
    method: Method | None = None
    description: Paragraph | None = None
    status: EndpointStatus | None = None
    ordered: bool | None = None
    delivery: DeliveryMode | None = None
    rate_per_second: Rate | None = None
    window: Window | None = None
    signature: SignatureKind | None = None
    workshop_ids: References | None = None
    vins: Vins | None = None
    headers: Headers | None = None
    payload_version: PayloadVersion | None = None

    @field_validator(
        "url",
        "events",
        "method",
        "status",
        "ordered",
        "delivery",
        "signature",
        "payload_version",
        mode="before",
    )
    @classmethod
    def _given_or_left_out(cls, value: object) -> object:
        if value is None:
            raise PydanticCustomError("not-null", "Give a value, or leave it out.")
        return value

    def asked(self) -> Change:
        """Read it as the handlers know it: what isn't given stays."""
        describes = "description" in self.model_fields_set
        terms: dict[str, Any] = {
            name: getattr(self, name) for name in Terms.__slots__ if name in self.model_fields_set
        }
        narrowing: dict[str, Any] = {
            name: _as_tuple(getattr(self, name))
            for name in ("workshop_ids", "vins")
            if name in self.model_fields_set
        }
        if self.payload_version is not None:
            narrowing["payload_version"] = self.payload_version
        return Change(
            self.url,
            self.events,
            self.method,
            self.status,
            self.description,
            describes=describes,
            terms=terms,
            narrowing=narrowing,
            headers=(self.headers or {}) if "headers" in self.model_fields_set else None,
        )


class EndpointOut(BaseModel):
    """An endpoint, without its secret."""

    id: str
    partner_id: str
    url: str
    events: list[str]
    method: Method
    description: str | None
    ordered: bool
    delivery: DeliveryMode
    rate_per_second: int | None
    window: int | None
    signature: SignatureKind
    public_key: Annotated[str | None, Field(examples=["whpk_…"])]
    former_public_key: str | None
    workshop_ids: list[str] | None
    vins: list[str] | None
    headers: Annotated[dict[str, str], Field(examples=[{"X-Api-Key": REDACTED}])]
    payload_version: int
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
                **{name: getattr(registered.terms, name) for name in Terms.__slots__},
                "workshop_ids": registered.narrowing.workshop_ids,
                "vins": registered.narrowing.vins,
                "headers": dict.fromkeys(registered.header_names, REDACTED),
                "payload_version": registered.narrowing.payload_version,
                "public_key": _written(registered.public_key),
                "former_public_key": _written(registered.former_public_key),
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


def _written(key: bytes | None) -> str | None:
    return None if key is None else public_key_written(key)
