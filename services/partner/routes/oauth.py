"""The token endpoints: OAuth 2 (RFC 6749, 7009, 7517), forms or JSON."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote_plus

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError

from services.partner.handlers.tokens import TokenService, oauth_problem, unknown_client
from services.partner.keyring import Keyring
from services.partner.schemas import RevokeRequest, RotatedKey, TokenOut, TokenRequest
from shared.auth import OperatorCaller

ASKED = TypeVar("ASKED", bound=BaseModel)

JWKS_SECONDS = 300
MAX_PARAMETERS = 20


def build(tokens: TokenService, keyring: Keyring) -> APIRouter:
    """Make the routes."""
    router = APIRouter(tags=["auth"])

    @router.post("/v1/auth/token", openapi_extra=_form(TokenRequest), response_model=TokenOut)
    async def token(request: Request) -> Response:
        """Get an access token, and a refresh token that can be used once.

        The client authenticates by HTTP Basic, or by `client_id` and `client_secret` in the body.
        """
        asked = await _read(request, TokenRequest)
        if asked.grant_type == "refresh_token":
            if asked.refresh_token is None:
                raise oauth_problem(400, "invalid_request", "refresh_token is missing.")
            granted = await tokens.by_refresh_token(asked.refresh_token, asked.scope)
        else:
            login = _login(request, asked)
            granted = await tokens.by_secret(*login, asked.scope)
        return JSONResponse(TokenOut.of(granted).model_dump())

    @router.post("/v1/auth/revoke", openapi_extra=_form(RevokeRequest))
    async def revoke(request: Request) -> dict[str, bool]:
        """Revoke a refresh token, and all that came of the same login."""
        asked = await _read(request, RevokeRequest)
        await tokens.revoke(*_login(request, asked), asked.token)
        return {"revoked": True}

    @router.get("/.well-known/jwks.json")
    async def jwks() -> Response:
        """Get the public keys that access tokens are verified with."""
        document = (await keyring.keys()).as_dict(private=False)
        return JSONResponse(document, headers={"Cache-Control": f"max-age={JWKS_SECONDS}"})

    @router.post("/v1/auth/keys/rotate")
    async def rotate(caller: OperatorCaller) -> RotatedKey:
        """Sign by a new key from now on; tokens that the old one signed are good until they end."""
        return RotatedKey(kid=await keyring.rotate())

    return router


async def _read(request: Request, kind: type[ASKED]) -> ASKED:
    body = await request.body()
    try:
        if request.headers.get("content-type", "").startswith("application/json"):
            given = json.loads(body)
        else:
            text = body.decode()
            given = dict(parse_qsl(text, max_num_fields=MAX_PARAMETERS, strict_parsing=bool(text)))
        return kind.model_validate(given)
    except ValidationError as error:
        named = ", ".join(str(each["loc"][0]) for each in error.errors() if each["loc"])
        unsupported = "grant_type" in named and isinstance(given, dict) and given.get("grant_type")
        kind_of_error = "unsupported_grant_type" if unsupported else "invalid_request"
        raise oauth_problem(400, kind_of_error, f"Not acceptable: {named or 'body'}.") from error
    except ValueError as error:
        raise oauth_problem(400, "invalid_request", "The body can't be read.") from error


def _login(request: Request, asked: TokenRequest | RevokeRequest) -> tuple[str, str]:
    """Read how the client authenticates: HTTP Basic, or in the body, and never both."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        if asked.client_id is None or asked.client_secret is None:
            raise unknown_client()
        return _storable(asked.client_id), asked.client_secret
    if asked.client_secret is not None:
        raise oauth_problem(400, "invalid_request", "Authenticate in one way, not in two.")
    try:
        client_id, separator, secret = base64.b64decode(encoded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise unknown_client() from None
    if not separator:
        raise unknown_client()
    return _storable(unquote_plus(client_id)), unquote_plus(secret)


def _storable(client_id: str) -> str:
    if not client_id.isprintable() or len(client_id) > 64:
        raise unknown_client()
    return client_id


def _form(kind: type[BaseModel]) -> dict[str, Any]:
    schema = {"schema": kind.model_json_schema()}
    content = {"application/x-www-form-urlencoded": schema, "application/json": schema}
    return {"requestBody": {"required": True, "content": content}}
