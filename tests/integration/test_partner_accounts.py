from __future__ import annotations

import httpx
import pytest
from sqlalchemy import text

from infra.partnering import Logins, bearer, log_in, new_login, open_account, renew, try_login
from infra.running import read_topic
from services.partner import bootstrap
from services.partner.settings import PartnerSettings
from shared.service import Service


@pytest.mark.seed(33)
async def test_a_partner_reads_its_own_account_alone(
    partner_http: httpx.AsyncClient, logins: Logins
) -> None:
    operator = await bearer(partner_http, logins["operator"])
    accounts = (await partner_http.get("/v1/partners", headers=operator)).json()["data"]
    by_email = {account["email"]: f"/v1/partners/{account['id']}" for account in accounts}
    partner = await bearer(partner_http, logins["partner"])
    own = await partner_http.get(by_email["dealer@example.com"], headers=partner)
    assert (own.status_code, own.json()["roles"]) == (200, ["partner"])
    other = await partner_http.get(by_email["operator@example.com"], headers=partner)
    nobodys = await partner_http.get("/v1/partners/par_nobody", headers=partner)
    assert other.status_code == nobodys.status_code == 404
    assert other.json() == nobodys.json()
    assert (await partner_http.get("/v1/partners", headers=partner)).status_code == 403


async def test_an_inactive_account_gets_no_tokens_and_everyone_is_told(
    partner_http: httpx.AsyncClient, logins: Logins, partner_settings: PartnerSettings
) -> None:
    operator = await bearer(partner_http, logins["operator"])
    account = await open_account(partner_http, operator)
    clients = f"/v1/partners/{account}/clients"
    made = (await partner_http.post(clients, json={}, headers=operator)).json()
    login = {"client_id": made["id"], "client_secret": made["client_secret"]}
    token = (await log_in(partner_http, login))["refresh_token"]

    path = f"/v1/partners/{account}"
    for _ in range(2):  # the second changes nothing, and so says nothing
        await partner_http.patch(path, json={"active": False}, headers=operator)
    assert (await try_login(partner_http, login)).status_code == 401
    assert (await renew(partner_http, token)).status_code == 400
    await partner_http.patch(path, json={"active": True, "name": "Fleet 2"}, headers=operator)
    assert (await try_login(partner_http, login)).status_code == 200

    about: list[tuple[str, int]] = []
    while len(about) < 3:
        events = await read_topic(partner_settings, "partner.events", 1)
        about = [(e.type, e.sequence) for e in events if e.subject == account]
    assert about == [("partner.created", 1), ("partner.updated", 2), ("partner.updated", 3)]


async def test_clients_are_listed_page_by_page_without_their_secrets(
    partner_http: httpx.AsyncClient, logins: Logins
) -> None:
    operator = await bearer(partner_http, logins["operator"])
    clients = f"/v1/partners/{await open_account(partner_http, operator)}/clients"
    for name in ("one", "two", "three"):
        await partner_http.post(clients, json={"description": name}, headers=operator)
    first = (await partner_http.get(f"{clients}?limit=2", headers=operator)).json()
    cursor = {"cursor": first["next_cursor"]}
    second = (await partner_http.get(clients, params=cursor, headers=operator)).json()
    found = first["data"] + second["data"]
    assert [client["description"] for client in found] == ["three", "two", "one"]
    assert not any("client_secret" in client for client in found)
    assert second["next_cursor"] is None


async def test_a_repeated_key_shows_the_same_secret_and_none_is_stored_as_it_is(
    partner_http: httpx.AsyncClient, logins: Logins, partner_service: Service
) -> None:
    operator = await bearer(partner_http, logins["operator"])
    clients = f"/v1/partners/{await open_account(partner_http, operator)}/clients"
    keyed = operator | {"Idempotency-Key": "k1"}
    first = await partner_http.post(clients, json={}, headers=keyed)
    second = await partner_http.post(clients, json={}, headers=keyed)
    assert first.content == second.content
    assert second.headers["Idempotent-Replayed"] == "true"
    login = {"client_id": first.json()["id"], "client_secret": first.json()["client_secret"]}
    token = (await log_in(partner_http, login))["refresh_token"]

    stored = await everything_stored(partner_service)
    assert login["client_id"] in stored
    for secret in (login["client_secret"], token, "PRIVATE KEY-----\n"):
        assert secret not in stored.replace("ENCRYPTED PRIVATE KEY", "")
        assert secret.encode().hex() not in stored


async def everything_stored(service: Service) -> str:
    async with service.database.reading() as connection:
        tables = await connection.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        )
        rows = [
            row
            for table in tables.all()
            for row in await connection.scalars(text(f'SELECT t::text FROM "{table}" t'))  # noqa: S608 - the catalog's names
        ]
    return "\n".join(rows)


async def test_a_second_first_start_makes_no_second_accounts(
    partner_http: httpx.AsyncClient, logins: Logins, partner_service: Service
) -> None:
    again = await bootstrap.ensure(partner_service.database)
    for login in (logins["operator"], again["operator"]):
        operator = await bearer(partner_http, login)
        listed = await partner_http.get("/v1/partners?limit=100", headers=operator)
        emails = [account["email"] for account in listed.json()["data"]]
        assert emails.count("operator@example.com") == 1


async def test_a_new_account_can_log_in_at_once(
    partner_http: httpx.AsyncClient, logins: Logins
) -> None:
    assert (await try_login(partner_http, await new_login(partner_http, logins))).is_success
