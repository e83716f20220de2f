"""Which access tokens are good, and which are not, whatever they claim."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from shared.auth import MAX_TOKEN_CHARACTERS, Tokens
from shared.problems import Problem
from shared.shift import ShiftedClock

ISSUER = "https://roadworthy.dev"
OURS = ECKey.generate_key("P-256", {"kid": "ours"}, auto_kid=False)
NEWER = ECKey.generate_key("P-256", {"kid": "newer"}, auto_kid=False)
FOREIGN = ECKey.generate_key("P-256", {"kid": "ours"}, auto_kid=False)


class Rotating:
    """A key source that knows the newer key once it was asked for one it didn't have."""

    def __init__(self) -> None:
        self.asked_again = 0

    async def keys(self, *, unknown: bool = False) -> KeySet:
        self.asked_again += unknown
        return KeySet([OURS, NEWER] if self.asked_again else [OURS])


@pytest.fixture
def source() -> Rotating:
    return Rotating()


@pytest.fixture
def clock() -> ShiftedClock:
    return ShiftedClock()


@pytest.fixture
def tokens(source: Rotating, clock: ShiftedClock) -> Tokens:
    return Tokens(source, clock, issuer=ISSUER, audience="roadworthy")


def claims(clock: ShiftedClock, **changes: Any) -> dict[str, Any]:
    now = clock.now().timestamp()
    good = {
        "iss": ISSUER,
        "aud": "roadworthy",
        "sub": "cli_1",
        "partner_id": "par_1",
        "scope": "partner workshop",
        "exp": now + 600,
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def signed(payload: dict[str, Any], key: ECKey = OURS, kid: str | None = "ours") -> str:
    header = {"alg": "ES256"} | ({"kid": kid} if kid else {})
    return jwt.encode(header, payload, key)


async def refused(tokens: Tokens, token: str) -> Problem:
    with pytest.raises(Problem) as problem:
        await tokens.caller(token)
    assert problem.value.status == 401
    assert 'error="invalid_token"' in problem.value.headers["WWW-Authenticate"]
    return problem.value


async def test_a_good_token_says_who_calls(tokens: Tokens, clock: ShiftedClock) -> None:
    caller = await tokens.caller(signed(claims(clock)))
    assert (caller.client_id, caller.partner_id) == ("cli_1", "par_1")
    assert caller.scopes == {"partner", "workshop"}
    assert caller.is_workshop
    assert not caller.is_operator
    assert caller.owns("par_1")
    assert not caller.owns("par_2")


@pytest.mark.seed(30)
async def test_a_token_is_good_until_it_expires_though_it_is_remembered(
    tokens: Tokens, clock: ShiftedClock
) -> None:
    token = signed(claims(clock))
    await tokens.caller(token)
    clock.advance(timedelta(seconds=599))
    await tokens.caller(token)
    clock.advance(timedelta(seconds=2))
    await refused(tokens, token)
    await refused(tokens, token)  # and forgotten, not remembered as refused once


CHANGES: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://elsewhere.example"},
    "another audience": {"aud": "elsewhere"},
    "no expiry": {"exp": None},
    "an expiry that is no time": {"exp": "tomorrow"},
    "an expiry that never comes": {"exp": float("nan")},
    "no partner": {"partner_id": None},
    "no scope": {"scope": None},
    "scopes that are no text": {"scope": ["partner"]},
    "not good before tomorrow": {"nbf": 4_000_000_000},
}


@pytest.mark.seed(30)
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_a_token_with_a_claim_that_is_wrong_is_refused(
    tokens: Tokens, clock: ShiftedClock, change: dict[str, Any]
) -> None:
    await refused(tokens, signed(claims(clock, **change)))


def encoded(part: Any) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def forged(kind: str, payload: dict[str, Any]) -> str:
    body = encoded(payload)
    good = signed(payload)
    header, _, signature = good.split(".")
    match kind:
        case "alg none":
            return f"{encoded({'alg': 'none', 'kid': 'ours'})}.{body}."
        case "the public key as an HMAC secret":
            content = f"{encoded({'alg': 'HS256', 'kid': 'ours'})}.{body}"
            mac = hmac.digest(OURS.as_pem(private=False), content.encode(), "sha256")
            return f"{content}.{encoded(mac)}"
        case "another algorithm":
            key = RSAKey.generate_key(2048, {"kid": "ours"}, auto_kid=False)
            return jwt.encode({"alg": "RS256", "kid": "ours"}, payload, key)
        case "a key of somebody else's":
            return signed(payload, FOREIGN)
        case "a key within the token":
            own = {"alg": "ES256", "jwk": FOREIGN.as_dict(private=False)}
            return jwt.encode(own, payload, FOREIGN)
        case "other claims":
            return f"{header}.{encoded(payload | {'scope': 'operator'})}.{signature}"
        case "no signature":
            return f"{header}.{body}."
        case "endless nesting":
            return f"{encoded(b'[' * 2900)}.e30.e30"
        case "too long":
            return signed(payload | {"more": "x" * MAX_TOKEN_CHARACTERS})
        case _:
            return kind


FORGERIES = [
    "alg none", "the public key as an HMAC secret", "another algorithm", "a key of somebody else's",
    "a key within the token", "other claims", "no signature",
    "endless nesting", "too long", "not.a.token", "a", "...", "é.é.é", "e30.e30.e30",
]  # fmt: skip


@pytest.mark.seed(30)
@pytest.mark.parametrize("kind", FORGERIES)
async def test_a_forged_token_is_refused(tokens: Tokens, clock: ShiftedClock, kind: str) -> None:
    await refused(tokens, forged(kind, claims(clock)))


async def test_an_unknown_key_is_asked_for_once_more(
    tokens: Tokens, source: Rotating, clock: ShiftedClock
) -> None:
    assert (await tokens.caller(signed(claims(clock), NEWER, "newer"))).partner_id == "par_1"
    assert source.asked_again == 1
    await refused(tokens, signed(claims(clock), FOREIGN, "never"))


async def test_tokens_are_remembered_up_to_a_limit(
    tokens: Tokens, clock: ShiftedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.auth.REMEMBERED_TOKENS", 3)
    for number in range(10):
        await tokens.caller(signed(claims(clock, sub=f"cli_{number}")))
    assert len(tokens._verified) == 3
