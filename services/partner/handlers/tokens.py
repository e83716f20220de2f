"""Tokens: given for a client's secret, renewed by a refresh token, taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from joserfc import jwt
from joserfc.jwk import ECKey

from services.partner import secrecy
from services.partner.domain.account import Role, ScopeRefused, narrowed
from services.partner.domain.refresh import Verdict, judge
from services.partner.handlers.authentication import authenticate
from services.partner.hashing import Hashing
from services.partner.keyring import Keyring
from services.partner.oauth_errors import oauth_problem
from services.partner.repository import refreshes
from shared.database import Database
from shared.ids import new_event_id, new_id


@dataclass(frozen=True, slots=True)
class Policy:
    """Who signs for whom, and how long tokens live."""

    issuer: str
    audience: str
    access_lifetime: timedelta
    refresh_lifetime: timedelta


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose an access token is, and what it is good for."""

    client_id: str
    partner_id: str
    scope: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Granted:
    """The tokens of one answer; `expires_in` in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int
    scope: str


class TokenService:
    """Gives tokens out, and takes them back."""

    def __init__(
        self, database: Database, keyring: Keyring, hashing: Hashing, policy: Policy
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._hashing = hashing
        self._policy = policy

    async def by_secret(self, client_id: str, secret: str, scope: str | None) -> Granted:
        """Grant tokens for a client's secret; raises a Problem in the form of RFC 6749."""
        login = await authenticate(self._database, self._hashing, client_id, secret)
        holder = Holder(client_id, login.account.id, _narrowed(login.account.roles, scope))
        key = await self._keyring.signing_key()
        refresh_token, refresh_hash = secrecy.draw_refresh_token()
        async with self._database.transaction() as work:
            family = new_id("rtf")
            ends = work.now + self._policy.refresh_lifetime
            await refreshes.open_family(work.connection, family, client_id, holder.scope, ends)
            await refreshes.add(work.connection, family, refresh_hash)
        return self._granted(key, holder, refresh_token, work.now)

    async def by_refresh_token(
        self, token: str, scope: str | None, *, client_id: str | None
    ) -> Granted:
        """Grant tokens for a refresh token, which dies with it; raises a Problem (RFC 6749).

        `client_id` is whom the caller says to be, if it says so: the token must be its own.
        """
        # Before the token is used up: without a key there would be nothing to give for it.
        key = await self._keyring.signing_key()
        used = secrecy.refresh_hash(token)
        refresh_token, refresh_hash = secrecy.draw_refresh_token()
        async with self._database.transaction() as work:
            found = await refreshes.find(work.connection, used)
            if found and client_id not in (None, found.client_id):
                found = None
            verdict = judge(found.presented, work.now) if found else Verdict.DEAD
            if found and verdict is Verdict.ROTATE:
                granted = _narrowed(found.scope & found.roles, scope)
                await refreshes.use(work.connection, used, work.now)
                await refreshes.add(work.connection, found.family_id, refresh_hash)
            elif found and verdict is Verdict.REUSED:
                await refreshes.revoke_family(work.connection, found.family_id, work.now)
        # Refused only now: a reuse must be committed, and an exception would roll it back.
        if found is None or verdict is not Verdict.ROTATE:
            raise oauth_problem(400, "invalid_grant", "The refresh token is not valid any more.")
        holder = Holder(found.client_id, found.partner_id, granted)
        return self._granted(key, holder, refresh_token, work.now)

    async def revoke(self, client_id: str, secret: str, token: str) -> None:
        """Kill a refresh token's family (RFC 7009); what isn't one is no error."""
        await self.authenticate(client_id, secret)
        async with self._database.transaction() as work:
            found = await refreshes.find(work.connection, secrecy.refresh_hash(token))
            if found and found.client_id == client_id:
                await refreshes.revoke_family(work.connection, found.family_id, work.now)

    async def authenticate(self, client_id: str, secret: str) -> None:
        """Check a client's secret; raises a Problem: 401, or 429 after too many failures."""
        await authenticate(self._database, self._hashing, client_id, secret)

    def _granted(self, key: ECKey, holder: Holder, refresh_token: str, now: datetime) -> Granted:
        issued, lifetime = int(now.timestamp()), int(self._policy.access_lifetime.total_seconds())
        scope = " ".join(sorted(holder.scope))
        claims: dict[str, str | int] = {
            "iss": self._policy.issuer,
            "aud": self._policy.audience,
            "sub": holder.client_id,
            "partner_id": holder.partner_id,
            "scope": scope,
            "iat": issued,
            "exp": issued + lifetime,
            "jti": new_event_id(),
        }
        # RFC 9068 names the type, so that no other token of ours can pass for one of these.
        header = {"alg": "ES256", "kid": key.kid, "typ": "at+jwt"}
        return Granted(jwt.encode(header, claims, key), refresh_token, lifetime, scope)


def _narrowed(scope: frozenset[Role], asked: str | None) -> frozenset[Role]:
    try:
        return narrowed(scope, asked)
    except ScopeRefused as refused:
        raise oauth_problem(400, "invalid_scope", f"Of these scopes {refused}.") from refused
