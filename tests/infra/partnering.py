"""The partner service at work, and its clients as an integrator writes them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from infra.databases import MakeDatabase
from infra.running import bus_settings, running
from infra.servers import INFRA
from services.partner import bootstrap
from services.partner.main import build
from services.partner.settings import PartnerSettings
from shared.service import Service
from shared.shift import ShiftedClock

Login = dict[str, str]
"""A client's `client_id` and `client_secret`."""

Logins = dict[str, Login]


@pytest.fixture(scope="module")
def partner_clock() -> ShiftedClock:
    return ShiftedClock()


@pytest_asyncio.fixture(scope="module")
async def partner_settings(
    module_database: MakeDatabase, kafka_bootstrap: str, topic_prefix: str
) -> PartnerSettings:
    bus = bus_settings(kafka_bootstrap, topic_prefix, embedded=INFRA == "embedded")
    url = await module_database("partner")
    return PartnerSettings(database_url=url, signing_keys_password="p" * 32, **bus)


@pytest.fixture(scope="module")
def partner_service(partner_settings: PartnerSettings, partner_clock: ShiftedClock) -> Service:
    return build(partner_settings, clock=partner_clock)


@pytest_asyncio.fixture(scope="module")
async def partner_http(partner_service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with running(partner_service) as client:
        yield client


@pytest_asyncio.fixture(scope="module")
async def logins(partner_service: Service, partner_http: httpx.AsyncClient) -> Logins:
    return await bootstrap.ensure(partner_service.database)


async def ask(client: httpx.AsyncClient, **form: str) -> httpx.Response:
    """Ask for a token, by a form."""
    return await client.post("/v1/auth/token", data=form)


async def try_login(client: httpx.AsyncClient, login: Login, **more: str) -> httpx.Response:
    """Authenticate by a client's secret, or by a wrong one."""
    return await ask(client, grant_type="client_credentials", **login, **more)


async def log_in(client: httpx.AsyncClient, login: Login, **more: str) -> dict[str, Any]:
    """Authenticate, and return the tokens."""
    answer = await try_login(client, login, **more)
    assert answer.status_code == 200, answer.text
    tokens: dict[str, Any] = answer.json()
    return tokens


async def renew(client: httpx.AsyncClient, refresh_token: str, **more: str) -> httpx.Response:
    """Use a refresh token."""
    return await ask(client, grant_type="refresh_token", refresh_token=refresh_token, **more)


async def bearer(client: httpx.AsyncClient, login: Login) -> dict[str, str]:
    """Authenticate, and return the header of a call."""
    return {"Authorization": f"Bearer {(await log_in(client, login))['access_token']}"}


async def open_account(client: httpx.AsyncClient, operator: dict[str, str], *roles: str) -> str:
    """Open an account of a new name; return its id."""
    account = {"name": "Fleet", "email": "fleet@example.com", "roles": roles or ("partner",)}
    answer = await client.post("/v1/partners", json=account, headers=operator)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def new_login(client: httpx.AsyncClient, logins: Logins) -> Login:
    """Make an account of its own with one client, for a test that will spoil it."""
    operator = await bearer(client, logins["operator"])
    account = await open_account(client, operator)
    made = await client.post(f"/v1/partners/{account}/clients", json={}, headers=operator)
    return {"client_id": made.json()["id"], "client_secret": made.json()["client_secret"]}
