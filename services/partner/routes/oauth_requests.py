"""What OAuth clients send: a form or JSON, and HTTP Basic or not."""

from __future__ import annotations

import base64
from typing import NamedTuple, TypeVar
from urllib.parse import parse_qsl, unquote_plus

from fastapi import Request
from pydantic import BaseModel, ValidationError

from services.partner.oauth_errors import oauth_problem, unknown_client
from services.partner.schemas import RevokeRequest, TokenRequest
from shared.problems import Problem

ASKED = TypeVar("ASKED", bound=BaseModel)

MAX_PARAMETERS = 20
MAX_ID_CHARACTERS = 64


async def read(request: Request, kind: type[ASKED]) -> ASKED:
    """Read the body; raises a Problem in the form of RFC 6749."""
    body = await request.body()
    try:
        if request.headers.get("content-type", "").startswith("application/json"):
            return kind.model_validate_json(body)
        return kind.model_validate(_parameters(body.decode()))
    except ValidationError as error:
        raise _not_acceptable(error) from error
    except ValueError as error:
        detail = "The body can't be read, or names a parameter twice."
        raise oauth_problem(400, "invalid_request", detail) from error


def _parameters(text: str) -> dict[str, str]:
    pairs = parse_qsl(text, max_num_fields=MAX_PARAMETERS, strict_parsing=bool(text))
    parameters = dict(pairs)
    if len(parameters) < len(pairs):
        raise ValueError("a parameter twice")
    return parameters


def _not_acceptable(error: ValidationError) -> Problem:
    found = error.errors()
    named = ", ".join(str(each["loc"][0]) for each in found if each["loc"]) or "body"
    foreign = any(each["loc"] == ("grant_type",) and each["type"] != "missing" for each in found)
    kind = "unsupported_grant_type" if foreign else "invalid_request"
    return oauth_problem(400, kind, f"Not acceptable: {named}.")


class ClientLogin(NamedTuple):
    """Whom a client says to be, and how it shows it; either may be missing."""

    client_id: str | None
    secret: str | None

    def complete(self) -> tuple[str, str]:
        """Return both; raises the 401 Problem when one is missing."""
        if self.client_id is None or self.secret is None:
            raise unknown_client()
        return self.client_id, self.secret


def login_of(request: Request, asked: TokenRequest | RevokeRequest) -> ClientLogin:
    """Read how the client authenticates: HTTP Basic, or in the body, and never both."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ClientLogin(_storable(asked.client_id), asked.client_secret)
    if asked.client_secret is not None:
        raise oauth_problem(400, "invalid_request", "Authenticate in one way, not in two.")
    try:
        written = base64.b64decode(encoded.strip(), validate=True).decode()
    except ValueError:
        raise unknown_client() from None
    client_id, separator, secret = written.partition(":")
    if not separator:
        raise unknown_client()
    return ClientLogin(_storable(unquote_plus(client_id)), unquote_plus(secret))


def _storable(client_id: str | None) -> str | None:
    if client_id and (not client_id.isprintable() or len(client_id) > MAX_ID_CHARACTERS):
        raise unknown_client()
    return client_id
