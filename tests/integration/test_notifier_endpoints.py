"""Endpoints by HTTP: registered, changed, rotated, disabled; seen by their owners alone."""

from __future__ import annotations

import logging
from base64 import b64decode
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.notifying import notifier_settings, register
from infra.running import client_of
from services.notifier.main import build
from shared.ids import new_id
from shared.service import Service

URL = "http://127.0.0.1:9/hooks"
ENDPOINTS = "/v1/webhook-endpoints"


@pytest_asyncio.fixture(scope="module")
async def service(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Service]:
    """The app with its database alone: nothing here is sent."""
    made = build(notifier_settings(await module_database("notifier")), keys=keys)
    yield made
    await made.engine.dispose()


@pytest_asyncio.fixture(scope="module")
async def client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(service) as client:
        yield client


@pytest.fixture
def partner(keys: SigningKeys) -> dict[str, str]:
    return keys.headers("partner")


async def test_the_secret_is_shown_once(client: httpx.AsyncClient, partner: dict[str, str]) -> None:
    made = await register(client, partner, URL, "service.*", description="ours")

    prefix, _, secret = made["secret"].partition("_")
    assert (prefix, len(b64decode(secret))) == ("whsec", 32)
    read = await client.get(f"{ENDPOINTS}/{made['id']}", headers=partner)
    assert read.json() == {name: made[name] for name in made if name != "secret"}
    listed = await client.get(ENDPOINTS, headers=partner)
    assert listed.json() == {"data": [read.json()], "next_cursor": None}


async def test_a_repeated_request_gets_the_same_answer_and_nothing_keeps_its_secret(
    client: httpx.AsyncClient,
    partner: dict[str, str],
    service: Service,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    body = {"url": URL, "events": ["*"]}
    headers = partner | {"Idempotency-Key": "once"}
    with caplog.at_level(logging.DEBUG):
        first = await client.post(ENDPOINTS, json=body, headers=headers)
        again = await client.post(ENDPOINTS, json=body, headers=headers)

    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.headers["Cache-Control"] == "no-store"
    written = first.json()["secret"].removeprefix("whsec_")
    async with service.database.reading() as connection:
        tables = ("endpoints", "idempotency_keys", "messages", "events", "deliveries")
        for table in tables:
            rows = (await connection.execute(text(f"SELECT * FROM {table}"))).all()  # noqa: S608 - named above
            stored = b" ".join(
                bytes(value) if isinstance(value, bytes) else str(value).encode()
                for row in rows
                for value in row
            )
            assert written.encode() not in stored
            assert b64decode(written) not in stored
    assert written not in caplog.text + "".join(capfd.readouterr())


@pytest.mark.seed(63)
@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"events": ["servic.*"]}, "/events/0", "unknown-event"),
        ({"events": ["service.*", "order.created"]}, "/events/1", "unknown-event"),
        ({"events": []}, "/events", "too-short"),
        ({"url": "not a url"}, "/url", "string-pattern-mismatch"),
        ({"url": "ftp://dealer.example/"}, "/url", "malformed-url"),
        ({"url": "https://user:pass@dealer.example/"}, "/url", "malformed-url"),
        ({"url": "https://dealer.example/#part"}, "/url", "malformed-url"),
        ({"url": "https://:443/"}, "/url", "malformed-url"),
        ({"url": "https://dealer.example:port/"}, "/url", "malformed-url"),
        ({"url": "http://dealer.example/hooks"}, "/url", "https-required"),
        ({"url": "http://8.8.8.8/hooks"}, "/url", "https-required"),
        ({"url": "https://10.0.0.1/hooks"}, "/url", "address-refused"),
        ({"url": "https://[::1]/hooks"}, "/url", "address-refused"),
        ({"url": "https://0xa9fea9fe/"}, "/url", "address-refused"),
        ({"method": "GET"}, "/method", "literal-error"),
        ({"delivery": "newest"}, "/delivery", "enum"),
        ({"ordered": "perhaps"}, "/ordered", "bool-parsing"),
        ({"rate_per_second": 0}, "/rate_per_second", "greater-than-equal"),
        ({"rate_per_second": 1001}, "/rate_per_second", "less-than-equal"),
        ({"window": 101}, "/window", "less-than-equal"),
        ({"window": 1.5}, "/window", "int-type"),
        ({"signature": "v2"}, "/signature", "enum"),
        ({"secret": "mine"}, "/secret", "unknown-field"),
    ],
)
async def test_bad_input_is_refused_by_name(
    client: httpx.AsyncClient,
    partner: dict[str, str],
    change: dict[str, Any],
    pointer: str,
    code: str,
) -> None:
    body = {"url": URL, "events": ["*"]} | change
    answer = await client.post(ENDPOINTS, json=body, headers=partner)

    assert answer.status_code == 422
    assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == [
        (pointer, code)
    ]


async def test_a_name_that_does_not_resolve_yet_may_be_registered(
    client: httpx.AsyncClient, partner: dict[str, str]
) -> None:
    await register(client, partner, "https://hooks.dealer.invalid/", "booking.created")


async def test_a_change_leaves_the_rest_alone(
    client: httpx.AsyncClient, partner: dict[str, str]
) -> None:
    made = await register(client, partner, URL, "service.*", method="PUT", description="ours")
    path = f"{ENDPOINTS}/{made['id']}"
    changed = await client.patch(path, json={"events": ["booking.*"]}, headers=partner)

    assert (changed.status_code, changed.json()["events"]) == (200, ["booking.*"])
    same = {name: changed.json()[name] for name in ("url", "method", "description", "status")}
    assert same == {name: made[name] for name in same}
    bad = await client.patch(path, json={"events": ["nothing.*"]}, headers=partner)
    assert (bad.status_code, bad.json()["errors"][0]["pointer"]) == (422, "/events/0")
    null = await client.patch(path, json={"url": None}, headers=partner)
    assert (null.status_code, null.json()["errors"][0]["pointer"]) == (422, "/url")
    cleared = await client.patch(path, json={"description": None}, headers=partner)
    assert cleared.json()["description"] is None


async def test_deleting_disables_and_enabling_undoes_it(
    client: httpx.AsyncClient, partner: dict[str, str]
) -> None:
    made = await register(client, partner, URL)
    path = f"{ENDPOINTS}/{made['id']}"

    assert (await client.delete(path, headers=partner)).status_code == 204
    assert (await client.delete(path, headers=partner)).status_code == 204
    disabled = (await client.get(path, headers=partner)).json()
    assert (disabled["status"], disabled["disabled_reason"]) == ("disabled", "asked")
    refused = await client.post(f"{path}/test", headers=partner)
    assert (refused.status_code, refused.json()["code"]) == (409, "endpoint-disabled")
    enabled = await client.patch(path, json={"status": "enabled"}, headers=partner)
    assert (enabled.json()["status"], enabled.json()["disabled_reason"]) == ("enabled", None)


async def test_a_rotation_shows_a_new_secret_and_says_how_long_the_former_signs(
    client: httpx.AsyncClient, partner: dict[str, str]
) -> None:
    made = await register(client, partner, URL)
    headers = partner | {"Idempotency-Key": "rotate"}
    path = f"{ENDPOINTS}/{made['id']}/rotate-secret"
    first = await client.post(path, headers=headers)
    again = await client.post(path, headers=headers)

    assert first.status_code == 200
    assert first.json()["secret"] != made["secret"]
    assert first.json()["former_secret_until"] is not None
    assert again.content == first.content


@pytest.mark.seed(33)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/webhook-endpoints/{id}"),
        ("PATCH", "/v1/webhook-endpoints/{id}"),
        ("DELETE", "/v1/webhook-endpoints/{id}"),
        ("POST", "/v1/webhook-endpoints/{id}/rotate-secret"),
        ("POST", "/v1/webhook-endpoints/{id}/test"),
        ("GET", "/v1/webhook-endpoints/{id}/deliveries"),
        ("GET", "/v1/deliveries/{delivery}"),
        ("POST", "/v1/deliveries/{delivery}/retry"),
    ],
)
async def test_anothers_is_the_same_404_as_a_missing_one(
    client: httpx.AsyncClient,
    partner: dict[str, str],
    keys: SigningKeys,
    method: str,
    path: str,
) -> None:
    made = await register(client, partner, URL)
    tested = await client.post(f"{ENDPOINTS}/{made['id']}/test", headers=partner)
    other = keys.headers("partner")
    body = {"status": "disabled"} if method == "PATCH" else None

    async def ask(**ids: str) -> tuple[int, Any]:
        answer = await client.request(method, path.format(**ids), json=body, headers=other)
        return answer.status_code, answer.json()

    theirs = await ask(id=made["id"], delivery=tested.json()["id"])
    missing = await ask(id=new_id("whe"), delivery=new_id("dlv"))
    assert theirs == missing
    assert theirs[0] == 404
    still = await client.get(f"{ENDPOINTS}/{made['id']}", headers=partner)
    assert still.json()["status"] == "enabled"


@pytest.mark.seed(30)
async def test_without_a_token_there_is_nothing_to_see(client: httpx.AsyncClient) -> None:
    for path in (ENDPOINTS, "/v1/events", "/v1/event-types"):
        assert (await client.get(path)).status_code == 401


async def test_each_event_type_is_described_with_schema_and_example(
    client: httpx.AsyncClient, partner: dict[str, str]
) -> None:
    types = (await client.get("/v1/event-types", headers=partner)).json()["data"]

    named = {each["name"]: each for each in types}
    assert named["service.updated"]["example"]["status"] == "delayed"
    assert named["service.updated"]["schema"]["title"] == "ServiceV1"
    assert all(each["description"] and each["dataschema"] for each in types)
