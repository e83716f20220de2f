"""The HTTP face of accounts and tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.partner.domain.account import ApiClient, Role
from services.partner.handlers.accounts import NewClient
from services.partner.handlers.tokens import Granted
from shared.inputs import Body, Email, Line

Secret = Annotated[str, StringConstraints(min_length=1, max_length=512)]


class TokenRequest(BaseModel):
    """RFC 6749, 4.4 and 6; parameters that it doesn't know are ignored, as that asks."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    grant_type: Literal["client_credentials", "refresh_token"]
    client_id: Secret | None = None
    client_secret: Secret | None = None
    scope: Annotated[str, StringConstraints(max_length=200)] | None = None
    refresh_token: Secret | None = None


class RevokeRequest(BaseModel):
    """RFC 7009."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    token: Secret
    client_id: Secret | None = None
    client_secret: Secret | None = None


class TokenOut(BaseModel):
    """RFC 6749, 5.1; `expires_in` in seconds."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a kind of token, not one
    expires_in: int
    refresh_token: str
    scope: str

    @classmethod
    def of(cls, granted: Granted) -> TokenOut:
        """Show what was granted."""
        return cls(
            access_token=granted.access_token,
            expires_in=granted.expires_in,
            refresh_token=granted.refresh_token,
            scope=granted.scope,
        )


class NewPartner(Body):
    """An account to be opened."""

    name: Annotated[Line, Field(examples=["Dana's Cars"])]
    email: Annotated[Email, Field(examples=["dana@example.com"])]
    roles: Annotated[list[Role], Field(min_length=1, max_length=3, examples=[["partner"]])]


class PartnerChange(Body):
    """What is to change; a field left out stays. An inactive account gets no tokens."""

    name: Line | None = None
    email: Email | None = None
    active: bool | None = None


class NewClientInput(Body):
    """A client to be made."""

    description: Line | None = None


class ClientOut(BaseModel):
    """An API client, without its secret."""

    id: str
    partner_id: str
    description: str | None
    created_at: datetime
    revoked_at: datetime | None

    @classmethod
    def of(cls, client: ApiClient) -> ClientOut:
        """Show a client."""
        return cls(**_members(client))


class NewClientOut(ClientOut):
    """A client just made; its secret is shown this once."""

    client_secret: str

    @classmethod
    def sealed(cls, made: NewClient) -> NewClientOut:
        """Show a client, its secret still sealed."""
        return cls(**_members(made.client), client_secret=made.sealed_secret)


class Revoked(BaseModel):
    """RFC 7009 asks for no more than the status."""

    revoked: Literal[True] = True


class PublicKey(BaseModel):
    """RFC 7517, for ES256."""

    kid: str
    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: str
    y: str
    use: Literal["sig"]
    alg: Literal["ES256"]


class PublicKeys(BaseModel):
    """The keys that access tokens are verified with, the newest first."""

    keys: list[PublicKey]


class RotatedKey(BaseModel):
    """A new key, and when it begins to sign."""

    kid: str
    signs_from: datetime


def _members(client: ApiClient) -> dict[str, Any]:
    return {
        "id": client.id,
        "partner_id": client.partner_id,
        "description": client.description,
        "created_at": client.created_at,
        "revoked_at": client.revoked_at,
    }
