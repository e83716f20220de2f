from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.running import bus_settings, read_topic, running
from infra.servers import INFRA
from infra.waiting import eventually
from services.quote.main import build
from services.quote.settings import QuoteSettings
from shared.events import Event
from shared.ids import new_id
from shared.service import Service
from shared.shift import ShiftedClock

VEHICLE = {"vin": "1HGCM82633A004352", "mileage": 84000}
QUOTE = {
    "vehicle": VEHICLE,
    "items": [{"service": "detailing"}, {"service": "brakes", "quantity": 2}],
}
SERVICES = [
    "detailing", "mechanical", "body", "paint", "interior", "tyres", "brakes", "suspension",
    "engine", "maintenance", "inspection",
]  # fmt: skip


@pytest.fixture(scope="module")
def clock() -> ShiftedClock:
    return ShiftedClock()


@pytest_asyncio.fixture(scope="module")
async def service(
    module_database: MakeDatabase,
    kafka_bootstrap: str,
    topic_prefix: str,
    keys: SigningKeys,
    clock: ShiftedClock,
) -> Service:
    bus = bus_settings(kafka_bootstrap, topic_prefix, embedded=INFRA == "embedded")
    url = await module_database("quote")
    return build(QuoteSettings(database_url=url, **bus), clock=clock, keys=keys)


@pytest_asyncio.fixture(scope="module")
async def client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with running(service) as client:
        yield client


@pytest.fixture
def partner(keys: SigningKeys) -> dict[str, str]:
    return keys.headers("partner")


async def create(client: httpx.AsyncClient, headers: dict[str, str], **more: Any) -> dict[str, Any]:
    answer = await client.post("/v1/quotes", json=QUOTE | more, headers=headers)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


@pytest.mark.seed(1, 4, 5)
async def test_a_request_is_priced_line_by_line(
    client: httpx.AsyncClient, partner: dict[str, str]
) -> None:
    quote = await create(client, partner)
    assert [item["service"] for item in quote["items"]] == ["detailing", "brakes"]
    for item in quote["items"]:
        parts = [item[name]["amount"] for name in ("labour", "parts", "fees")]
        assert item["price"]["amount"] == sum(parts) > 0
        assert item["total"]["amount"] == item["price"]["amount"] + item["tax"]["amount"]
    assert quote["total"]["amount"] == sum(item["total"]["amount"] for item in quote["items"])
    assert quote["total"]["amount"] == quote["subtotal"]["amount"] + quote["tax"]["amount"]
    assert quote["estimated_completion_at"] > quote["created_at"]
    assert (quote["status"], quote["paid"], quote["order_id"]) == ("awaiting-payment", False, None)
    assert quote["checkout_url"].endswith(f"/checkout/{quote['id']}")
    again = await client.get(f"/v1/quotes/{quote['id']}", headers=partner)
    assert again.json() == quote


@pytest.mark.seed(3)
@pytest.mark.parametrize("service_code", SERVICES)
async def test_each_kind_of_work_can_be_quoted(
    client: httpx.AsyncClient, partner: dict[str, str], service_code: str
) -> None:
    quote = await create(client, partner, items=[{"service": service_code}])
    assert quote["total"]["amount"] > 0


@pytest.mark.seed(2, 63)
@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"vehicle": {}}, "/vehicle/vin", "missing"),
        ({"vehicle": {"vin": "1HGCM82633A00435O"}}, "/vehicle/vin", "invalid-vin"),
        ({"vehicle": {"vin": "1HGCM82633A004353"}}, "/vehicle/vin", "wrong-check-digit"),
        ({"items": []}, "/items", "too-short"),
        ({"items": [{"service": "teleport"}]}, "/items/0/service", "unknown-service"),
        ({"deal_id": new_id("dea")}, "/deal_id", "unknown-deal"),
        ({"workshop_id": new_id("wks")}, "/workshop_id", "unknown-workshop"),
        ({"needed_by": "2026-12-01T06:00:00+11:00"}, "/needed_by", "not-utc"),
        ({"colour": "red"}, "/colour", "unknown-field"),
    ],
)
async def test_bad_input_is_refused_by_name(
    client: httpx.AsyncClient,
    partner: dict[str, str],
    change: dict[str, Any],
    pointer: str,
    code: str,
) -> None:
    headers = partner | {"Prefer": "wait=0"}
    answer = await client.post("/v1/quotes", json=QUOTE | change, headers=headers)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    named = [(error["pointer"], error["code"]) for error in answer.json()["errors"]]
    assert named == [(pointer, code)]


@pytest.mark.seed(2)
async def test_a_check_digit_that_need_not_match_is_only_warned_of(
    client: httpx.AsyncClient, partner: dict[str, str]
) -> None:
    quote = await create(client, partner, vehicle={"vin": "WVWZZZ1JZ3W386752"})
    assert [warning["code"] for warning in quote["warnings"]] == ["doubtful-check-digit"]


@pytest.mark.seed(33)
async def test_a_quote_is_its_partners_alone(
    client: httpx.AsyncClient, partner: dict[str, str], keys: SigningKeys
) -> None:
    quote = await create(client, partner)
    stranger = keys.headers("partner")
    theirs = await client.get(f"/v1/quotes/{quote['id']}", headers=stranger)
    nobodys = await client.get(f"/v1/quotes/{new_id('quo')}", headers=stranger)
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.json() == nobodys.json()
    assert (await client.get("/v1/quotes", headers=stranger)).json()["data"] == []


async def test_a_repeated_key_gives_the_same_answer_and_one_quote(
    client: httpx.AsyncClient, partner: dict[str, str]
) -> None:
    headers = partner | {"Idempotency-Key": "k1"}
    first = await client.post("/v1/quotes", json=QUOTE, headers=headers)
    second = await client.post("/v1/quotes", json=QUOTE, headers=headers)
    other = await client.post(
        "/v1/quotes", json=QUOTE | {"type": "reconditioning"}, headers=headers
    )
    assert (first.status_code, second.status_code, other.status_code) == (201, 201, 422)
    assert first.content == second.content
    assert second.headers["Idempotent-Replayed"] == "true"
    assert other.json()["code"] == "idempotency-key-reused"
    assert len((await client.get("/v1/quotes", headers=partner)).json()["data"]) == 1


async def test_pages_go_through_every_quote_once(
    client: httpx.AsyncClient, partner: dict[str, str]
) -> None:
    made = [(await create(client, partner))["id"] for _ in range(5)]
    seen: list[str] = []
    cursor: dict[str, Any] = {}
    while True:
        params = {"limit": 2} | cursor
        page = (await client.get("/v1/quotes", params=params, headers=partner)).json()
        seen += [quote["id"] for quote in page["data"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == made[::-1]


async def test_a_declined_quote_stays_declined(
    client: httpx.AsyncClient, partner: dict[str, str]
) -> None:
    path = f"/v1/quotes/{(await create(client, partner))['id']}/decline"
    declined = await client.post(path, json={"reason": "sold as it is"}, headers=partner)
    assert (declined.json()["status"], declined.json()["reason"]) == ("declined", "sold as it is")
    again = await client.post(path, json={}, headers=partner)
    assert (again.status_code, again.json()["code"]) == (409, "transition-not-allowed")
    assert again.json()["allowed"] == []


async def test_what_happened_stands_on_the_topic(
    service: Service, client: httpx.AsyncClient, partner: dict[str, str], topic_prefix: str,
    kafka_bootstrap: str,
) -> None:  # fmt: skip
    asked = QUOTE | {"external_reference": 'Jürgen\'s 7" \\ 🚗 {"a": [1.50]}'}
    answer = await client.post("/v1/quotes", json=asked, headers=partner)
    quote = answer.json()
    await client.post(f"/v1/quotes/{quote['id']}/decline", json={}, headers=partner)
    settings = QuoteSettings(
        database_url="postgresql://", kafka_bootstrap_servers=kafka_bootstrap,
        kafka_topic_prefix=topic_prefix,
    )  # fmt: skip

    async def about_it() -> list[Event]:
        events = await read_topic(settings, "quote.events", 1)
        return [event for event in events if event.subject == quote["id"]]

    async def both() -> bool:
        told = [(event.type, event.sequence) for event in await about_it()]
        return told == [("quote.created", 1), ("quote.declined", 2)]

    assert await eventually(both)
    created, _ = await about_it()
    assert created.data == answer.text  # to the byte, through the database


@pytest.mark.seed(9)
async def test_a_quote_expires_when_its_time_is_up(
    client: httpx.AsyncClient, keys: SigningKeys, clock: ShiftedClock
) -> None:
    partner = keys.headers("partner", lifetime=30 * 86400)
    quote = await create(client, partner)
    clock.advance(datetime.fromisoformat(quote["expires_at"]) - datetime.now(UTC) + timedelta(1))

    async def status() -> bool:
        answer = await client.get(f"/v1/quotes/{quote['id']}", headers=partner)
        return bool(answer.status_code == 200 and answer.json()["status"] == "expired")

    assert await eventually(status)
