"""Who is let in: by token, by scope, and by the Partner-Id that a caller may add."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from infra.access import SigningKeys
from shared import problems
from shared.auth import AnyCaller, OperatorCaller, PartnerCaller, Tokens, WorkshopCaller
from shared.clock import SystemClock
from shared.edge import Edge


@pytest_asyncio.fixture
async def client(keys: SigningKeys) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    problems.install(app)
    app.add_middleware(Edge, service="test")
    clock = SystemClock()
    app.state.tokens = Tokens(keys, clock, issuer="https://roadworthy.dev", audience="roadworthy")

    @app.get("/partner")
    async def partner(caller: PartnerCaller) -> str:
        return caller.partner_id

    @app.get("/workshop")
    async def workshop(caller: WorkshopCaller) -> str:
        return caller.partner_id

    @app.get("/any")
    async def either(caller: AnyCaller) -> str:
        return caller.partner_id

    @app.get("/operator")
    async def operator(caller: OperatorCaller) -> str:
        return caller.partner_id

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as made:
        yield made


@pytest.mark.seed(30)
@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Basic YTpi", "Token abc", "Bearerabc"]
)
async def test_without_a_bearer_token_nobody_is_let_in(
    client: httpx.AsyncClient, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = await client.get("/partner", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    # RFC 6750: a request that has no token is told no error.
    assert answer.headers["www-authenticate"] == 'Bearer realm="roadworthy"'


@pytest.mark.seed(30)
async def test_an_expired_token_is_told_as_such(
    client: httpx.AsyncClient, keys: SigningKeys
) -> None:
    answer = await client.get("/partner", headers=keys.headers("partner", lifetime=-1))
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize(
    ("scopes", "let_in"),
    [
        (["partner"], {"partner", "any"}),
        (["workshop"], {"workshop", "any"}),
        (["partner", "workshop"], {"partner", "workshop", "any"}),
        (["operator"], {"partner", "workshop", "any", "operator"}),
        (["other"], set()),
        ([], set()),
    ],
)
async def test_a_scope_opens_what_is_its_own_and_operator_everything(
    client: httpx.AsyncClient, keys: SigningKeys, scopes: list[str], let_in: set[str]
) -> None:
    headers = keys.headers(*scopes)
    for place in ("partner", "workshop", "any", "operator"):
        answer = await client.get(f"/{place}", headers=headers)
        assert answer.status_code == (200 if place in let_in else 403)
        if place not in let_in:
            assert answer.json()["code"] == "insufficient-scope"
            assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


@pytest.mark.seed(31)
async def test_a_partner_id_has_to_be_the_tokens(
    client: httpx.AsyncClient, keys: SigningKeys
) -> None:
    headers = keys.headers("partner", partner_id="par_mine")
    mine = await client.get("/partner", headers=headers | {"Partner-Id": "par_mine"})
    assert (mine.status_code, mine.json()) == (200, "par_mine")
    for other in ("par_theirs", "", "PAR_MINE"):
        answer = await client.get("/partner", headers=headers | {"Partner-Id": other})
        assert (answer.status_code, answer.json()["code"]) == (403, "partner-mismatch")
