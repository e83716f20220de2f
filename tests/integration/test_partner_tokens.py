from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from joserfc import jwt
from joserfc.jwk import KeySet

from infra.databases import MakeDatabase
from infra.running import bus_settings, read_topic, running
from infra.servers import INFRA
from services.partner import bootstrap
from services.partner.main import build
from services.partner.settings import PartnerSettings
from shared.service import Service
from shared.shift import ShiftedClock

Logins = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def clock() -> ShiftedClock:
    return ShiftedClock()


@pytest_asyncio.fixture(scope="module")
async def settings(
    module_database: MakeDatabase, kafka_bootstrap: str, topic_prefix: str
) -> PartnerSettings:
    bus = bus_settings(kafka_bootstrap, topic_prefix, embedded=INFRA == "embedded")
    url = await module_database("partner")
    return PartnerSettings(database_url=url, signing_keys_password="p" * 32, **bus)


@pytest.fixture(scope="module")
def service(settings: PartnerSettings, clock: ShiftedClock) -> Service:
    return build(settings, clock=clock)


@pytest_asyncio.fixture(scope="module")
async def client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with running(service) as client:
        yield client


@pytest_asyncio.fixture(scope="module")
async def logins(service: Service, client: httpx.AsyncClient) -> Logins:
    return await bootstrap.ensure(service.database)


async def ask(client: httpx.AsyncClient, **form: str) -> httpx.Response:
    return await client.post("/v1/auth/token", data=form)


async def log_in(client: httpx.AsyncClient, login: dict[str, str], **more: str) -> dict[str, Any]:
    answer = await ask(client, grant_type="client_credentials", **login, **more)
    assert answer.status_code == 200, answer.text
    tokens: dict[str, Any] = answer.json()
    return tokens


async def renew(client: httpx.AsyncClient, refresh_token: str) -> httpx.Response:
    return await ask(client, grant_type="refresh_token", refresh_token=refresh_token)


async def headers(client: httpx.AsyncClient, login: dict[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {(await log_in(client, login))['access_token']}"}


async def test_a_token_verifies_by_the_published_keys(
    client: httpx.AsyncClient, logins: Logins
) -> None:
    tokens = await log_in(client, logins["partner"])
    document = (await client.get("/.well-known/jwks.json")).json()
    assert all("d" not in key for key in document["keys"])
    token = jwt.decode(tokens["access_token"], KeySet.import_key_set(document), ["ES256"])
    assert token.claims["sub"] == logins["partner"]["client_id"]
    assert token.claims["scope"] == tokens["scope"] == "partner"
    assert token.claims["exp"] - token.claims["iat"] == tokens["expires_in"] == 3600
    assert tokens["token_type"] == "Bearer"


async def test_basic_and_json_are_other_ways_to_ask(
    client: httpx.AsyncClient, logins: Logins
) -> None:
    login = logins["partner"]
    basic = base64.b64encode(f"{login['client_id']}:{login['client_secret']}".encode()).decode()
    answers = [
        await client.post(
            "/v1/auth/token",
            data={"grant_type": "client_credentials"},
            headers={"Authorization": f"Basic {basic}"},
        ),
        await client.post("/v1/auth/token", json={"grant_type": "client_credentials"} | login),
    ]
    assert [answer.status_code for answer in answers] == [200, 200]


@pytest.mark.seed(30)
@pytest.mark.parametrize("wrong", ["client_id", "client_secret"])
async def test_a_wrong_login_is_refused_and_doesnt_say_what_is_wrong(
    client: httpx.AsyncClient, logins: Logins, wrong: str
) -> None:
    answer = await ask(
        client, grant_type="client_credentials", **logins["workshop"] | {wrong: "cli_nobody"}
    )
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"
    assert answer.json()["code"] == "invalid-client"
    assert "Basic" in answer.headers["WWW-Authenticate"]


@pytest.mark.seed(30)
async def test_a_missing_wrong_or_expired_token_is_refused(
    client: httpx.AsyncClient, logins: Logins, clock: ShiftedClock
) -> None:
    good = await headers(client, logins["operator"])
    assert (await client.get("/v1/partners", headers=good)).status_code == 200
    for bad in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic eDp5"}):
        refused = await client.get("/v1/partners", headers=bad)
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    clock.advance(timedelta(hours=1))
    expired = await client.get("/v1/partners", headers=good)
    assert (expired.status_code, expired.json()["code"]) == (401, "unauthenticated")


@pytest.mark.seed(31)
async def test_a_partner_id_that_isnt_the_tokens_is_refused(
    client: httpx.AsyncClient, logins: Logins
) -> None:
    access = await headers(client, logins["operator"])
    other = await client.get("/v1/partners", headers=access | {"Partner-Id": "par_other"})
    assert (other.status_code, other.json()["code"]) == (403, "partner-mismatch")


@pytest.mark.seed(32)
async def test_a_refresh_token_is_used_once_and_its_reuse_kills_the_family(
    client: httpx.AsyncClient, logins: Logins
) -> None:
    first = (await log_in(client, logins["partner"]))["refresh_token"]
    renewed = await renew(client, first)
    assert renewed.status_code == 200
    second = renewed.json()["refresh_token"]
    access = {"Authorization": f"Bearer {renewed.json()['access_token']}"}
    own = (await client.get("/v1/partners/par_x", headers=access)).status_code
    assert own == 404  # the token works: the account just isn't there

    stolen = await renew(client, first)
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
    assert (await renew(client, second)).json()["error"] == "invalid_grant"


@pytest.mark.seed(32)
async def test_of_two_refreshes_at_once_one_wins_and_the_family_dies(
    client: httpx.AsyncClient, logins: Logins
) -> None:
    token = (await log_in(client, logins["partner"]))["refresh_token"]
    answers = await asyncio.gather(*(renew(client, token) for _ in range(5)))
    winners = [answer for answer in answers if answer.status_code == 200]
    assert len(winners) == 1
    assert (await renew(client, winners[0].json()["refresh_token"])).status_code == 400


async def test_a_revoked_family_and_a_revoked_client_get_no_more_tokens(
    client: httpx.AsyncClient, logins: Logins
) -> None:
    login = logins["workshop"]
    token = (await log_in(client, login))["refresh_token"]
    revoked = await client.post("/v1/auth/revoke", data={"token": token} | login)
    assert revoked.status_code == 200
    assert (await renew(client, token)).status_code == 400

    operator = await headers(client, logins["operator"])
    account = {"name": "Fleet", "email": "fleet@example.com", "roles": ["partner"]}
    partner = (await client.post("/v1/partners", json=account, headers=operator)).json()["id"]
    clients = f"/v1/partners/{partner}/clients"
    made = (await client.post(clients, json={}, headers=operator)).json()
    fleet = {"client_id": made["id"], "client_secret": made["client_secret"]}
    token = (await log_in(client, fleet))["refresh_token"]
    listed = (await client.get(clients, headers=operator)).json()["data"]
    assert "client_secret" not in listed[0]
    gone = await client.delete(f"{clients}/{made['id']}", headers=operator)
    assert gone.status_code == 204
    assert (await renew(client, token)).status_code == 400
    assert (await ask(client, grant_type="client_credentials", **fleet)).status_code == 401


async def test_a_scope_can_be_narrowed_and_not_widened(
    client: httpx.AsyncClient, logins: Logins
) -> None:
    wide = await ask(client, grant_type="client_credentials", scope="operator", **logins["partner"])
    assert (wide.status_code, wide.json()["error"]) == (400, "invalid_scope")
    assert (await log_in(client, logins["partner"], scope="partner"))["scope"] == "partner"


async def test_a_key_that_was_rotated_still_verifies_what_it_signed(
    client: httpx.AsyncClient, logins: Logins
) -> None:
    before = await headers(client, logins["operator"])
    new = (await client.post("/v1/auth/keys/rotate", headers=before)).json()["kid"]
    document = (await client.get("/.well-known/jwks.json")).json()
    assert document["keys"][0]["kid"] == new
    assert len(document["keys"]) == 2
    after = await log_in(client, logins["operator"])
    token = jwt.decode(after["access_token"], KeySet.import_key_set(document), ["ES256"])
    assert token.header["kid"] == new
    assert (await client.get("/v1/partners", headers=before)).status_code == 200


async def test_failures_are_throttled_by_client_until_the_window_is_over(
    client: httpx.AsyncClient, logins: Logins, clock: ShiftedClock
) -> None:
    login = await bootstrap_client(client, logins)
    wrong = login | {"client_secret": "wrong"}
    statuses = [
        (await ask(client, grant_type="client_credentials", **wrong)).status_code for _ in range(11)
    ]
    assert statuses == [401] * 10 + [429]
    refused = await ask(client, grant_type="client_credentials", **login)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 300
    clock.advance(timedelta(minutes=5, seconds=1))
    assert (await ask(client, grant_type="client_credentials", **login)).status_code == 200


async def bootstrap_client(client: httpx.AsyncClient, logins: Logins) -> dict[str, str]:
    operator = await headers(client, logins["operator"])
    account = {"name": "Clumsy", "email": "clumsy@example.com", "roles": ["partner"]}
    partner = (await client.post("/v1/partners", json=account, headers=operator)).json()["id"]
    made = await client.post(f"/v1/partners/{partner}/clients", json={}, headers=operator)
    return {"client_id": made.json()["id"], "client_secret": made.json()["client_secret"]}


@pytest.mark.seed(33)
async def test_a_partner_reads_its_own_account_alone(
    client: httpx.AsyncClient, logins: Logins
) -> None:
    operator = await headers(client, logins["operator"])
    accounts = (await client.get("/v1/partners", headers=operator)).json()["data"]
    by_role = {tuple(account["roles"]): account["id"] for account in accounts}
    partner = await headers(client, logins["partner"])
    own = next(a["id"] for a in accounts if a["email"] == "dealer@example.com")
    assert (await client.get(f"/v1/partners/{own}", headers=partner)).status_code == 200
    other = await client.get(f"/v1/partners/{by_role['operator',]}", headers=partner)
    assert other.status_code == 404
    assert (await client.get("/v1/partners", headers=partner)).status_code == 403


async def test_an_inactive_account_gets_no_tokens_and_everyone_is_told(
    client: httpx.AsyncClient, logins: Logins, settings: PartnerSettings
) -> None:
    operator = await headers(client, logins["operator"])
    account = {"name": "Gone", "email": "gone@example.com", "roles": ["partner"]}
    partner = (await client.post("/v1/partners", json=account, headers=operator)).json()["id"]
    made = await client.post(f"/v1/partners/{partner}/clients", json={}, headers=operator)
    login = {"client_id": made.json()["id"], "client_secret": made.json()["client_secret"]}
    await client.patch(f"/v1/partners/{partner}", json={"active": False}, headers=operator)
    assert (await ask(client, grant_type="client_credentials", **login)).status_code == 401
    about: list[tuple[str, int]] = []
    while len(about) < 2:
        events = await read_topic(settings, "partner.events", 1)
        about = [(e.type, e.sequence) for e in events if e.subject == partner]
    assert about == [("partner.created", 1), ("partner.updated", 2)]


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "rwr_nonsense"}, "invalid_grant"),
    ],
)
async def test_what_cant_be_granted_is_refused_in_the_words_of_oauth(
    client: httpx.AsyncClient, form: dict[str, str], error: str
) -> None:
    answer = await ask(client, **form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
