"""The terms on which an endpoint is sent to, by HTTP; and the keys of its v1a signatures."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.notifying import notifier_settings, register
from infra.running import client_of
from services.notifier.main import build

URL = "http://127.0.0.1:9/hooks"
ENDPOINTS = "/v1/webhook-endpoints"
USUAL = {
    "ordered": False,
    "delivery": "all",
    "rate_per_second": None,
    "window": None,
    "signature": "v1",
    "public_key": None,
    "former_public_key": None,
}


@pytest_asyncio.fixture(scope="module")
async def client(
    module_database: MakeDatabase, keys: SigningKeys
) -> AsyncIterator[httpx.AsyncClient]:
    made = build(notifier_settings(await module_database("notifier")), keys=keys)
    async with client_of(made) as client:
        yield client
    await made.engine.dispose()


@pytest.fixture
def partner(keys: SigningKeys) -> dict[str, str]:
    return keys.headers("partner")


async def test_terms_are_the_usual_ones_until_asked_for_and_change_one_by_one(
    client: httpx.AsyncClient, partner: dict[str, str]
) -> None:
    made = await register(client, partner, URL)
    assert {name: made[name] for name in USUAL} == USUAL
    path = f"{ENDPOINTS}/{made['id']}"
    asked = {"ordered": True, "delivery": "latest", "rate_per_second": 10, "window": 2}
    for name, value in asked.items():
        changed = await client.patch(path, json={name: value}, headers=partner)
        assert changed.json()[name] == value
    limitless = {"rate_per_second": None, "window": None}
    changed = await client.patch(path, json=limitless, headers=partner)
    read = (await client.get(path, headers=partner)).json()
    assert read == changed.json()
    assert {name: read[name] for name in USUAL} == USUAL | {"ordered": True, "delivery": "latest"}


async def test_a_key_is_drawn_once_asked_for_and_renewed_with_the_secret(
    client: httpx.AsyncClient, partner: dict[str, str]
) -> None:
    made = await register(client, partner, URL)
    path = f"{ENDPOINTS}/{made['id']}"
    asked = await client.patch(path, json={"signature": "v1a"}, headers=partner)
    first = asked.json()["public_key"]
    again = await client.patch(path, json={"signature": "v1a"}, headers=partner)
    assert first.startswith("whpk_")
    assert again.json()["public_key"] == first
    renewed = (await client.post(f"{path}/rotate-secret", headers=partner)).json()
    assert renewed["former_public_key"] == first
    assert renewed["public_key"] not in {first, None}
    other = await register(client, partner, URL, signature="v1a")
    assert other["public_key"] not in {first, renewed["public_key"], None}
