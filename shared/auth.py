"""Who is calling: OAuth 2 bearer tokens (RFC 6750), checked against the partner service's keys."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, Header, Request, Security
from fastapi.openapi.models import OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import OAuth2
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from shared import context
from shared.clock import Clock
from shared.keys import KeySource
from shared.problems import Problem

ALGORITHMS = ["ES256"]
MAX_TOKEN_CHARACTERS = 4096
REMEMBERED_TOKENS = 10_000


class Scope(StrEnum):
    """What a client may act as."""

    PARTNER = "partner"
    WORKSHOP = "workshop"
    OPERATOR = "operator"


_SCHEME = OAuth2(
    flows=OAuthFlows(
        clientCredentials=OAuthFlowClientCredentials(
            tokenUrl="/v1/auth/token",
            scopes={
                Scope.PARTNER: "Ask for quotes, place orders and bookings, subscribe to events",
                Scope.WORKSHOP: "Run workshops, and move their orders and bookings forward",
                Scope.OPERATOR: "Run the platform: accounts, clients, everything of everyone",
            },
        )
    ),
    scheme_name="oauth2",
    auto_error=False,
)


@dataclass(frozen=True, slots=True)
class Caller:
    """The client that calls, the account it acts for, and what it may do."""

    client_id: str
    partner_id: str
    scopes: frozenset[str]

    @property
    def is_operator(self) -> bool:
        """Tell whether this caller may see and do everything."""
        return Scope.OPERATOR in self.scopes

    @property
    def is_workshop(self) -> bool:
        """Tell whether this caller acts for workshops."""
        return Scope.WORKSHOP in self.scopes

    def owns(self, partner_id: str) -> bool:
        """Tell whether what belongs to this account is the caller's to see."""
        return self.is_operator or self.partner_id == partner_id


class Tokens:
    """Checks access tokens (0.1 ms each), and remembers a good one until it expires."""

    def __init__(self, keys: KeySource, clock: Clock, *, issuer: str, audience: str) -> None:
        self._keys = keys
        self._clock = clock
        self._issuer = issuer
        self._audience = audience
        self._verified: OrderedDict[str, tuple[float, Caller]] = OrderedDict()

    async def caller(self, token: str) -> Caller:
        """Say who holds the token; raises a 401 Problem for any that isn't good now."""
        now = self._clock.now().timestamp()
        known = self._verified.get(token)
        if known is None:
            known = await self._verify(token, now)
            self._verified[token] = known
            if len(self._verified) > REMEMBERED_TOKENS:
                self._verified.popitem(last=False)
        expires, caller = known
        if not now < expires:  # so that NaN has passed, too
            self._verified.pop(token, None)
            raise unauthenticated("The access token has expired.", error="invalid_token")
        return caller

    async def _verify(self, token: str, now: float) -> tuple[float, Caller]:
        refused = unauthenticated("The access token is not valid.", error="invalid_token")
        if len(token) > MAX_TOKEN_CHARACTERS:
            raise refused
        try:
            claims = await self._claims(token)
            expires = float(claims["exp"])
            caller = Caller(
                str(claims["sub"]), str(claims["partner_id"]), frozenset(claims["scope"].split())
            )
        except (JoseError, ValueError, KeyError, TypeError, AttributeError):
            raise refused from None
        except OSError as unreachable:
            detail = "The keys of the token service can't be reached. Try again."
            raise Problem(503, "unavailable", detail, headers={"Retry-After": "2"}) from unreachable
        if claims.get("iss") != self._issuer or claims.get("aud") != self._audience:
            raise refused
        if float(claims.get("nbf", 0)) > now + 60:
            raise refused
        return expires, caller

    async def _claims(self, token: str) -> dict[str, str]:
        try:
            return self._decode(token, await self._keys.keys())
        except InvalidKeyIdError:
            return self._decode(token, await self._keys.keys(unknown=True))

    @staticmethod
    def _decode(token: str, keys: KeySet) -> dict[str, str]:
        return jwt.decode(token, keys, algorithms=ALGORITHMS).claims


def unauthenticated(detail: str, *, error: str | None = None) -> Problem:
    """Make the 401 that asks for a bearer token, in the form of RFC 6750."""
    challenge = 'Bearer realm="roadworthy"' + (f', error="{error}"' if error else "")
    return Problem(401, "unauthenticated", detail, headers={"WWW-Authenticate": challenge})


def requires(*scopes: Scope) -> Callable[..., Awaitable[Caller]]:
    """Make the dependency that lets in a caller with one of these scopes, or an operator."""
    enough = {*scopes, Scope.OPERATOR}

    async def caller(
        request: Request,
        # A default, since an annotation is text here and couldn't see `enough`.
        authorization: str | None = Security(_SCHEME, scopes=sorted(enough)),
        acting_for: Annotated[
            str | None, Header(alias="Partner-Id", description="Must match the token.")
        ] = None,
    ) -> Caller:
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise unauthenticated("Send an access token: 'Authorization: Bearer …'.")
        tokens: Tokens = request.app.state.tokens
        found = await tokens.caller(token.strip())
        if not enough & found.scopes:
            needed = " or ".join(sorted(enough))
            challenge = f'Bearer error="insufficient_scope", scope="{" ".join(sorted(enough))}"'
            raise Problem(
                403,
                "insufficient-scope",
                f"This needs the scope {needed}.",
                headers={"WWW-Authenticate": challenge},
            )
        if acting_for is not None and acting_for != found.partner_id:
            raise Problem(403, "partner-mismatch", "Partner-Id is not the account of the token.")
        context.on_behalf_of(found.partner_id)
        return found

    return caller


PartnerCaller = Annotated[Caller, Depends(requires(Scope.PARTNER))]
WorkshopCaller = Annotated[Caller, Depends(requires(Scope.WORKSHOP))]
OperatorCaller = Annotated[Caller, Depends(requires(Scope.OPERATOR))]
AnyCaller = Annotated[Caller, Depends(requires(Scope.PARTNER, Scope.WORKSHOP))]

__all__ = [
    "AnyCaller",
    "Caller",
    "OperatorCaller",
    "PartnerCaller",
    "Scope",
    "Tokens",
    "WorkshopCaller",
    "requires",
    "unauthenticated",
]
