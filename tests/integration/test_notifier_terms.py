"""The terms on which an endpoint is sent to, by HTTP; and the keys of its v1a signatures."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
import standardwebhooks
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.notifying import notifier_settings, register
from infra.receiver import Request, receiving
from infra.running import client_of
from infra.webhooks import Subscriber, at_work
from services.notifier.main import build
from shared.service import Service

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
async def service(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Service]:
    made = build(notifier_settings(await module_database("notifier")), keys=keys)
    async with at_work(made, "deliveries"):
        yield made


@pytest_asyncio.fixture(scope="module")
async def client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(service) as client:
        yield client


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


def verified_by(request: Request, written: str, body: bytes | None = None) -> bool:
    """Have PyNaCl judge a delivery's v1a signatures, as the specification says."""
    key = VerifyKey(b64decode(written.removeprefix("whpk_")))
    sent = request.headers
    content = f"{request.id}.{sent['webhook-timestamp']}.".encode() + (body or request.body)
    signatures = [each.split(",") for each in sent["webhook-signature"].split()]
    for version, signature in signatures:
        try:
            if version == "v1a":
                key.verify(content, b64decode(signature))
                return True
        except BadSignatureError:
            continue
    return False


@pytest.mark.seed(27)
async def test_a_v1a_delivery_verifies_with_the_published_key_and_a_forgery_does_not(
    service: Service, client: httpx.AsyncClient, keys: SigningKeys
) -> None:
    dealer = Subscriber(service, keys)
    async with receiving() as receiver:
        endpoint = await dealer.register(receiver.url, signature="v1a")
        await dealer.happen()
        [request] = await receiver.first()
        path = f"{ENDPOINTS}/{endpoint['id']}"
        renewed = await dealer.post(f"{path}/rotate-secret", status=200)
        await dealer.happen()
        _, second = await receiver.first(2)

    published = await client.get(f"/v1/webhook-keys/{endpoint['id']}")  # by anybody
    assert published.headers["cache-control"] == "public, max-age=300"
    [new, former] = [each["key"] for each in published.json()["keys"]]
    assert (new, former) == (renewed["public_key"], endpoint["public_key"])
    assert verified_by(request, former)
    assert not verified_by(request, new)
    assert not verified_by(request, former, request.body + b" ")
    assert verified_by(second, new)
    assert verified_by(second, former)
    for secret in (endpoint["secret"], renewed["secret"]):  # v1 goes with it
        standardwebhooks.Webhook(secret).verify(second.body, second.headers)


async def test_an_endpoint_without_v1a_has_no_keys_to_publish(
    client: httpx.AsyncClient, partner: dict[str, str]
) -> None:
    made = await register(client, partner, URL)
    for endpoint_id in (made["id"], "whe_unknown"):
        answer = await client.get(f"/v1/webhook-keys/{endpoint_id}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
