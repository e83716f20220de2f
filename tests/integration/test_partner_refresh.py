from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import pytest

from infra.partnering import Logins, bearer, log_in, new_login, renew, try_login
from infra.running import client_of
from services.partner.main import build
from services.partner.settings import PartnerSettings
from shared.shift import ShiftedClock


@pytest.mark.seed(32)
async def test_a_refresh_token_is_used_once_and_its_reuse_kills_the_family(
    partner_http: httpx.AsyncClient, logins: Logins
) -> None:
    first = (await log_in(partner_http, logins["operator"]))["refresh_token"]
    renewed = await renew(partner_http, first)
    assert renewed.status_code == 200
    second = renewed.json()["refresh_token"]
    access = {"Authorization": f"Bearer {renewed.json()['access_token']}"}
    assert (await partner_http.get("/v1/partners", headers=access)).status_code == 200

    stolen = await renew(partner_http, first)
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
    assert (await renew(partner_http, second)).json()["error"] == "invalid_grant"


@pytest.mark.seed(32)
async def test_of_refreshes_at_once_on_two_processes_one_wins_and_the_family_dies(
    partner_http: httpx.AsyncClient, logins: Logins, partner_settings: PartnerSettings
) -> None:
    token = (await log_in(partner_http, logins["partner"]))["refresh_token"]
    another = build(partner_settings)
    async with client_of(another) as other_http:
        answers = await asyncio.gather(
            *(renew(http, token) for http in [partner_http, other_http] * 3)
        )
    await another.stop()
    winners = [answer for answer in answers if answer.status_code == 200]
    assert len(winners) == 1
    assert (await renew(partner_http, winners[0].json()["refresh_token"])).status_code == 400


@pytest.mark.seed(32)
async def test_a_family_ends_a_month_after_its_login_however_often_it_was_renewed(
    partner_http: httpx.AsyncClient, logins: Logins, partner_clock: ShiftedClock
) -> None:
    token = (await log_in(partner_http, logins["partner"]))["refresh_token"]
    for days in (15, 14):
        partner_clock.advance(timedelta(days=days))
        renewed = await renew(partner_http, token)
        assert renewed.status_code == 200
        token = renewed.json()["refresh_token"]
    partner_clock.advance(timedelta(days=1))
    assert (await renew(partner_http, token)).json()["error"] == "invalid_grant"


async def test_a_refresh_token_is_good_for_its_own_client_alone(
    partner_http: httpx.AsyncClient, logins: Logins
) -> None:
    own, other = logins["partner"], logins["workshop"]
    token = (await log_in(partner_http, own))["refresh_token"]
    assert (await renew(partner_http, token, **other)).json()["error"] == "invalid_grant"
    assert (await renew(partner_http, token, client_id="cli_x")).status_code == 400
    wrong = own | {"client_secret": "wrong"}
    assert (await renew(partner_http, token, **wrong)).json()["error"] == "invalid_client"
    assert (await renew(partner_http, token, **own)).status_code == 200


async def test_what_is_revoked_gives_no_more_tokens(
    partner_http: httpx.AsyncClient, logins: Logins
) -> None:
    own, other = logins["workshop"], logins["partner"]
    token = (await log_in(partner_http, own))["refresh_token"]

    async def revoke(login: dict[str, str]) -> int:
        form = {"token": token, "token_type_hint": "refresh_token"} | login
        return (await partner_http.post("/v1/auth/revoke", data=form)).status_code

    assert await revoke(other) == 200  # not its own: nothing happens, and nothing is told
    token = (await renew(partner_http, token)).json()["refresh_token"]
    assert await revoke(own | {"client_secret": "wrong"}) == 401
    assert await revoke(own) == 200
    assert await revoke(own) == 200
    assert (await renew(partner_http, token)).status_code == 400


async def test_a_revoked_client_and_all_its_families_die(
    partner_http: httpx.AsyncClient, logins: Logins
) -> None:
    login = await new_login(partner_http, logins)
    operator = await bearer(partner_http, logins["operator"])
    tokens = await log_in(partner_http, login)
    own = {"Authorization": f"Bearer {tokens['access_token']}"}
    account = (await partner_http.get("/v1/partners", headers=operator)).json()["data"][0]["id"]
    assert (await partner_http.get(f"/v1/partners/{account}", headers=own)).status_code == 200

    path = f"/v1/partners/{account}/clients/{login['client_id']}"
    for _ in range(2):
        assert (await partner_http.delete(path, headers=operator)).status_code == 204
    assert (await renew(partner_http, tokens["refresh_token"])).status_code == 400
    assert (await try_login(partner_http, login)).status_code == 401
