"""The token endpoints: OAuth 2 (RFC 6749, 7009, 7517), forms or JSON."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from services.partner.handlers.tokens import Granted, TokenService
from services.partner.keyring import ANNOUNCE, Keyring, NewKey
from services.partner.oauth_errors import oauth_problem
from services.partner.routes.oauth_requests import login_of, read
from services.partner.schemas import (
    PublicKeys,
    Revoked,
    RevokeRequest,
    RotatedKey,
    TokenOut,
    TokenRequest,
)
from shared.auth import OperatorCaller
from shared.idempotency import Answer, Idempotency


def build(tokens: TokenService, keyring: Keyring) -> APIRouter:
    """Make the routes."""
    router = APIRouter(tags=["auth"])

    @router.post("/v1/auth/token", openapi_extra=_form(TokenRequest), response_model=TokenOut)
    async def token(request: Request) -> Response:
        """Get an access token, and a refresh token that can be used once.

        The client authenticates by HTTP Basic, or by `client_id` and `client_secret` in the body;
        for `refresh_token` it may do so.
        """
        asked = await read(request, TokenRequest)
        login = login_of(request, asked)
        if asked.grant_type == "refresh_token":
            granted = await _renewed(asked, *login)
        else:
            granted = await tokens.by_secret(*login.complete(), asked.scope)
        return JSONResponse(TokenOut.of(granted).model_dump())

    async def _renewed(asked: TokenRequest, client_id: str | None, secret: str | None) -> Granted:
        if asked.refresh_token is None:
            raise oauth_problem(400, "invalid_request", "refresh_token is missing.")
        if client_id is not None and secret is not None:
            await tokens.authenticate(client_id, secret)
        return await tokens.by_refresh_token(asked.refresh_token, asked.scope, client_id=client_id)

    @router.post("/v1/auth/revoke", openapi_extra=_form(RevokeRequest))
    async def revoke(request: Request) -> Revoked:
        """Revoke a refresh token, and all that came of the same login."""
        asked = await read(request, RevokeRequest)
        await tokens.revoke(*login_of(request, asked).complete(), asked.token)
        return Revoked()

    @router.get("/.well-known/jwks.json", response_model=PublicKeys)
    async def jwks() -> Response:
        """Get the public keys that access tokens are verified with."""
        document = (await keyring.published()).as_dict(private=False)
        max_age = int(ANNOUNCE.total_seconds())
        return JSONResponse(document, headers={"Cache-Control": f"public, max-age={max_age}"})

    @router.post("/v1/auth/keys/rotate", response_model=RotatedKey)
    async def rotate(caller: OperatorCaller, key: Idempotency) -> Response:
        """Sign by a new key, as soon as everyone can know it.

        Tokens that the old one signed are good until they end.
        """
        return (await keyring.rotate(key.once(caller, _rotated))).response()

    return router


def _rotated(key: NewKey) -> Answer:
    shown = RotatedKey(kid=key.kid, signs_from=key.signs_from)
    return Answer(200, shown.model_dump_json().encode())


def _form(kind: type[BaseModel]) -> dict[str, Any]:
    schema = {"schema": kind.model_json_schema()}
    content = {"application/x-www-form-urlencoded": schema, "application/json": schema}
    return {"requestBody": {"required": True, "content": content}}
