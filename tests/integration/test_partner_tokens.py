from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from infra.partnering import Logins, ask, bearer, log_in, try_login
from shared.shift import ShiftedClock


def basic(client_id: str, secret: str) -> dict[str, str]:
    encoded = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {encoded}"}


async def test_a_token_verifies_by_the_published_keys(
    partner_http: httpx.AsyncClient, logins: Logins
) -> None:
    tokens = await log_in(partner_http, logins["partner"])
    published = await partner_http.get("/.well-known/jwks.json")
    assert published.headers["Cache-Control"] == "public, max-age=300"
    document = published.json()
    assert all("d" not in key for key in document["keys"])
    token = jwt.decode(tokens["access_token"], KeySet.import_key_set(document), ["ES256"])
    assert token.claims["sub"] == logins["partner"]["client_id"]
    assert token.claims["scope"] == tokens["scope"] == "partner"
    assert token.claims["exp"] - token.claims["iat"] == tokens["expires_in"] == 3600
    assert {"iss", "aud", "jti", "partner_id"} <= token.claims.keys()
    assert tokens["token_type"] == "Bearer"


async def test_basic_and_json_are_other_ways_to_ask(
    partner_http: httpx.AsyncClient, logins: Logins
) -> None:
    login = logins["partner"]
    answers = [
        await partner_http.post(
            "/v1/auth/token",
            data={"grant_type": "client_credentials"},
            headers=basic(login["client_id"], login["client_secret"]),
        ),
        await partner_http.post(
            "/v1/auth/token", json={"grant_type": "client_credentials"} | login
        ),
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].headers["Cache-Control"] == "no-store"


@pytest.mark.seed(30)
@pytest.mark.parametrize("wrong", ["client_id", "client_secret"])
async def test_a_wrong_login_is_refused_and_doesnt_say_what_is_wrong(
    partner_http: httpx.AsyncClient, logins: Logins, wrong: str
) -> None:
    answer = await try_login(partner_http, logins["workshop"] | {wrong: "cli_nobody"})
    assert answer.status_code == 401
    problem = answer.json()
    assert (problem["error"], problem["code"]) == ("invalid_client", "invalid-client")
    assert {"error_description", "type", "title", "status"} <= problem.keys()
    assert "Basic" in answer.headers["WWW-Authenticate"]


@pytest.mark.seed(30)
async def test_a_missing_wrong_or_expired_token_is_refused(
    partner_http: httpx.AsyncClient, logins: Logins, partner_clock: ShiftedClock
) -> None:
    good = await bearer(partner_http, logins["operator"])
    assert (await partner_http.get("/v1/partners", headers=good)).status_code == 200
    for bad in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic eDp5"}):
        refused = await partner_http.get("/v1/partners", headers=bad)
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    partner_clock.advance(timedelta(hours=1))
    expired = await partner_http.get("/v1/partners", headers=good)
    assert (expired.status_code, expired.json()["code"]) == (401, "unauthenticated")
    assert "Bearer" in expired.headers["WWW-Authenticate"]


@pytest.mark.seed(31)
async def test_a_partner_id_that_isnt_the_tokens_is_refused(
    partner_http: httpx.AsyncClient, logins: Logins
) -> None:
    access = await bearer(partner_http, logins["operator"])
    other = await partner_http.get("/v1/partners", headers=access | {"Partner-Id": "par_other"})
    assert (other.status_code, other.json()["code"]) == (403, "partner-mismatch")


async def test_a_scope_can_be_narrowed_and_not_widened(
    partner_http: httpx.AsyncClient, logins: Logins
) -> None:
    wide = await try_login(partner_http, logins["partner"], scope="operator")
    assert (wide.status_code, wide.json()["error"]) == (400, "invalid_scope")
    assert (await log_in(partner_http, logins["partner"], scope="partner"))["scope"] == "partner"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "rwr_nonsense"}, "invalid_grant"),
        (
            {"grant_type": "refresh_token", "refresh_token": ["rwr_one", "rwr_two"]},
            "invalid_request",
        ),
    ],
)
async def test_what_cant_be_granted_is_refused_in_the_words_of_oauth(
    partner_http: httpx.AsyncClient, form: dict[str, Any], error: str
) -> None:
    answer = await ask(partner_http, **form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"\xff\xfe=", {}, 400),
        (b"[" * 100_000, {"Content-Type": "application/json"}, 400),
        (b"grant_type=client_credentials&client_secret=x", basic("a", "b"), 400),
        (b"grant_type=client_credentials", {"Authorization": "Basic !!"}, 401),
        (b"grant_type=client_credentials", {"Authorization": "Basic eA=="}, 401),
        (b"grant_type=client_credentials", {"Authorization": b"Basic \xc3\xa9"}, 401),
        (b"grant_type=client_credentials", basic("%00", "b"), 401),
        (b"grant_type=client_credentials&client_id=a%00b&client_secret=x", {}, 401),
        (b"grant_type=client_credentials&client_id=a", {}, 401),
    ],
)
async def test_what_cant_be_read_is_refused_too(
    partner_http: httpx.AsyncClient, body: bytes, headers: Any, status: int
) -> None:
    answer = await partner_http.post("/v1/auth/token", content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"] in ("invalid_request", "invalid_client")
