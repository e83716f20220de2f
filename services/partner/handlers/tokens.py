"""Tokens: given for a client's secret, renewed by a refresh token, taken back."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.partner import secrecy
from services.partner.domain import throttle
from services.partner.domain.account import Role, ScopeRefused, narrowed
from services.partner.domain.refresh import Verdict, judge
from services.partner.keyring import Keyring
from services.partner.repository import accounts, failures, refreshes
from services.partner.repository.accounts import Login
from shared.database import Database
from shared.ids import new_event_id, new_id
from shared.problems import Problem


@dataclass(frozen=True, slots=True)
class Policy:
    """Who signs for whom, and how long tokens live."""

    issuer: str
    audience: str
    access_lifetime: timedelta
    refresh_lifetime: timedelta


@dataclass(frozen=True, slots=True)
class Granted:
    """The tokens of one answer; `expires_in` in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int
    scope: str


class TokenService:
    """Gives tokens out, and takes them back."""

    def __init__(self, database: Database, keyring: Keyring, policy: Policy) -> None:
        self._database = database
        self._keyring = keyring
        self._policy = policy

    async def by_secret(self, client_id: str, secret: str, scope: str | None) -> Granted:
        """Grant tokens for a client's secret; raises a Problem in the form of RFC 6749."""
        login = await self.authenticate(client_id, secret)
        granted = _narrowed(login.account.roles, scope)
        refresh_token, refresh_hash = secrecy.draw_refresh_token()
        async with self._database.transaction() as work:
            family = new_id("rtf")
            ends = work.now + self._policy.refresh_lifetime
            await refreshes.open_family(work.connection, family, client_id, granted, ends)
            await refreshes.add(work.connection, family, refresh_hash)
        return await self._granted(client_id, login.account.id, granted, refresh_token, work.now)

    async def by_refresh_token(self, token: str, scope: str | None) -> Granted:
        """Grant tokens for a refresh token, which dies with it; raises a Problem (RFC 6749)."""
        used = secrecy.refresh_hash(token)
        refresh_token, refresh_hash = secrecy.draw_refresh_token()
        async with self._database.transaction() as work:
            found = await refreshes.find(work.connection, used)
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
        return await self._granted(
            found.client_id, found.partner_id, granted, refresh_token, work.now
        )

    async def revoke(self, client_id: str, secret: str, token: str) -> None:
        """Kill a refresh token's family (RFC 7009); what isn't one is no error."""
        await self.authenticate(client_id, secret)
        async with self._database.transaction() as work:
            found = await refreshes.find(work.connection, secrecy.refresh_hash(token))
            if found and found.client_id == client_id:
                await refreshes.revoke_family(work.connection, found.family_id, work.now)

    async def authenticate(self, client_id: str, secret: str) -> Login:
        """Check a client's secret; raises a Problem: 401, or 429 after too many failures."""
        async with self._database.reading() as connection:
            failed = await failures.of(connection, client_id)
            login = await accounts.login(connection, client_id)
        if left := throttle.wait(failed, self._database.clock.now()):
            seconds = math.ceil(left.total_seconds())
            problem = oauth_problem(429, "slow_down", "Too many failures. Wait, then try again.")
            problem.headers = {"Retry-After": str(seconds)}
            raise problem
        right = await secrecy.matches(secret, login.secret_hash if login else None)
        if not (right and login and login.active):
            async with self._database.transaction() as work:
                await failures.count(work.connection, client_id, work.now)
            raise unknown_client()
        return login

    async def _granted(
        self,
        client_id: str,
        partner_id: str,
        scope: frozenset[Role],
        refresh_token: str,
        now: datetime,
    ) -> Granted:
        issued, lifetime = int(now.timestamp()), int(self._policy.access_lifetime.total_seconds())
        claims: dict[str, str | int] = {
            "iss": self._policy.issuer,
            "aud": self._policy.audience,
            "sub": client_id,
            "partner_id": partner_id,
            "scope": " ".join(sorted(scope)),
            "iat": issued,
            "exp": issued + lifetime,
            "jti": new_event_id(),
        }
        token = await self._keyring.sign(claims)
        return Granted(token, refresh_token, lifetime, str(claims["scope"]))


def oauth_problem(status: int, error: str, description: str) -> Problem:
    """Make a problem that is an RFC 6749 error as well."""
    members = {"error": error, "error_description": description}
    return Problem(status, error.replace("_", "-"), description, extra=members)


def unknown_client() -> Problem:
    """Make the 401 that doesn't tell which of id and secret is wrong."""
    problem = oauth_problem(401, "invalid_client", "The client id or its secret is not right.")
    problem.headers = {"WWW-Authenticate": 'Basic realm="roadworthy"'}
    return problem


def _narrowed(scope: frozenset[Role], asked: str | None) -> frozenset[Role]:
    try:
        return narrowed(scope, asked)
    except ScopeRefused as refused:
        raise oauth_problem(400, "invalid_scope", f"Of these scopes {refused}.") from refused
