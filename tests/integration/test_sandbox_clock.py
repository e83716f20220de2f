"""A sandbox's clock: put forward by an operator alone, kept, and followed; absent elsewhere."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from infra.access import SigningKeys
from infra.booking import LINKS_KEY
from infra.databases import MakeDatabase
from infra.notifying import SECRETS_KEY
from infra.running import bus_settings, client_of, read_topic, running
from infra.servers import INFRA
from infra.waiting import eventually
from roadworthy.composition import build as build_any
from roadworthy.composition import settings_of
from roadworthy.gateway import SERVICES
from services.booking.main import build
from services.booking.settings import BookingSettings
from services.order.main import build as build_order
from services.order.settings import OrderSettings
from shared.clock import SystemClock
from shared.ids import new_event_id
from shared.sandbox import SandboxClock
from shared.service import Service

CLOCK = "/v1/sandbox/clock"
NEAR = timedelta(minutes=1)


@pytest.fixture
def bus(kafka_bootstrap: str) -> dict[str, Any]:
    """Name the broker, with topics of this test alone: another's would put the clock forward."""
    prefix = f"test-{new_event_id()}."
    return bus_settings(kafka_bootstrap, prefix, embedded=INFRA == "embedded")


@pytest_asyncio.fixture
async def settings(database: MakeDatabase, bus: dict[str, Any]) -> BookingSettings:
    url = await database("booking")
    return BookingSettings(database_url=url, booking_links_key=LINKS_KEY, sandbox_clock=True, **bus)


@pytest_asyncio.fixture
async def client(settings: BookingSettings, keys: SigningKeys) -> AsyncIterator[httpx.AsyncClient]:
    async with running(build(settings, keys=keys)) as client:
        yield client


async def ahead(client: httpx.AsyncClient, keys: SigningKeys) -> timedelta:
    answer = await client.get(CLOCK, headers=keys.headers("operator"))
    return datetime.fromisoformat(answer.json()["now"]) - datetime.now(UTC)


@pytest.mark.seed(69)
async def test_it_goes_forward_alone_for_an_operator_alone_and_once(
    client: httpx.AsyncClient, settings: BookingSettings, keys: SigningKeys
) -> None:
    operator = keys.headers("operator", lifetime=60)
    once = operator | {"Idempotency-Key": "tomorrow"}
    for _ in range(2):
        answer = await client.post(CLOCK, json={"advance": "P1D"}, headers=once)
        assert (answer.status_code, answer.json()["ahead"]) == (200, "P1D")
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)
    body = {"now": at.isoformat().replace("+00:00", "Z")}
    assert (await client.post(CLOCK, json=body, headers=operator)).status_code == 200
    # The token has lasted: of access, a minute went by at the most.
    assert abs(await ahead(client, keys) - timedelta(days=3)) < NEAR

    for wrong, pointer, code in [
        ({"now": "2026-01-01T00:00:00Z"}, "/now", "not-forward"),
        ({"advance": "PT0S"}, "/advance", "not-forward"),
        ({"advance": "-P1D"}, "/advance", "not-a-duration"),
        # A year isn't always as long as the last.
        ({"advance": "P1Y"}, "/advance", "not-a-duration"),
        ({"advance": "P1M"}, "/advance", "not-a-duration"),
        ({}, "/advance", "one-or-the-other"),
        ({"advance": "P1D"} | body, "/advance", "one-or-the-other"),
    ]:
        refused = await client.post(CLOCK, json=wrong, headers=operator)
        (error,) = refused.json()["errors"]
        assert (refused.status_code, error["pointer"], error["code"]) == (422, pointer, code)
    year = await client.post(CLOCK, json={"advance": "P362DT1M"}, headers=operator)
    assert year.status_code == 200
    assert year.json()["ahead"].startswith("P365DT")
    far = await client.post(CLOCK, json={"advance": "P3651D"}, headers=operator)
    assert (far.status_code, far.json()["code"]) == (409, "too-far-ahead")
    for scope in ("partner", "workshop"):
        for method in ("GET", "POST"):
            answer = await client.request(
                method, CLOCK, json={"advance": "P1D"}, headers=keys.headers(scope)
            )
            assert answer.status_code == 403

    events = await read_topic(settings, "booking.events", 3)
    assert [(each.type, each.subject, each.sequence) for each in events] == [
        ("clock.advanced", "clock", sequence) for sequence in (1, 2, 3)
    ]
    assert json.loads(events[-1].data)["ahead"] == year.json()["ahead"]


@pytest.mark.seed(69)
async def test_each_process_of_each_service_follows_and_finds_it_again(
    client: httpx.AsyncClient,
    settings: BookingSettings,
    bus: dict[str, Any],
    database: MakeDatabase,
    keys: SigningKeys,
) -> None:
    of_orders = OrderSettings(database_url=await database("order"), sandbox_clock=True, **bus)
    async with running(build_order(of_orders, keys=keys)):
        body = {"advance": "P9D"}
        await client.post(CLOCK, json=body, headers=keys.headers("operator"))
        for another in (build(settings, keys=keys), build_order(of_orders, keys=keys)):
            await another.parts["clock"].start()
            await eventually(lambda service=another: is_nine_days_ahead(service), 20)
            await another.stop()


@pytest.mark.seed(69)
def test_accounts_webhooks_and_all_tokens_go_by_the_walls_clock() -> None:
    fixed = {
        "database_url": "postgresql+asyncpg://localhost/unused",
        "webhook_secrets_key": SECRETS_KEY,
        "booking_links_key": LINKS_KEY,
        "signing_keys_password": "only for this test",
        "sandbox_clock": True,
    }
    built = {name: build_any(name, settings_of(name, fixed=fixed)) for name in SERVICES}
    ahead = {name: isinstance(each.database.clock, SandboxClock) for name, each in built.items()}
    assert {name for name in SERVICES if ahead[name]} == {"quote", "order", "booking"}
    tokens = [each.app.state.tokens for each in built.values()]
    assert {type(each._clock) for each in tokens} == {SystemClock}


def is_nine_days_ahead(service: Service) -> bool:
    return abs(service.database.clock.now() - datetime.now(UTC) - timedelta(days=9)) < NEAR


@pytest.mark.seed(69)
async def test_without_the_setting_there_is_none_and_nobody_follows(
    client: httpx.AsyncClient, settings: BookingSettings, keys: SigningKeys
) -> None:
    await client.post(CLOCK, json={"advance": "P9D"}, headers=keys.headers("operator"))
    real = settings.model_copy(update={"sandbox_clock": False})
    service = build(real, keys=keys)
    assert "clock" not in service.parts
    async with running(service), client_of(service) as without:
        for method in ("GET", "POST"):
            answer = await without.request(method, CLOCK, headers=keys.headers("operator"))
            assert answer.status_code == 404
        assert service.database.clock.now() - datetime.now(UTC) < NEAR
