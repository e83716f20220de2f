"""From an event on Kafka to a signed request on a receiver's socket."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.happenings import event, publish
from infra.notifying import notifier_settings, register
from infra.receiver import Receiver, Request
from infra.running import bus_settings, running
from infra.servers import INFRA
from infra.waiting import eventually
from services.notifier.main import build
from services.notifier.repository.receiving import AT_ONCE
from shared.events import Event
from shared.ids import new_id
from shared.service import Service

STARTED = [{"field": "status", "before": "pending", "after": "in-progress"}]


@pytest_asyncio.fixture(scope="module")
async def service(
    module_database: MakeDatabase, kafka_bootstrap: str, topic_prefix: str, keys: SigningKeys
) -> Service:
    bus = bus_settings(kafka_bootstrap, topic_prefix, embedded=INFRA == "embedded")
    return build(notifier_settings(await module_database("notifier"), **bus), keys=keys)


@pytest_asyncio.fixture(scope="module")
async def client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with running(service) as client:
        yield client


@pytest.fixture
def partner_id() -> str:
    return new_id("par")


@pytest.fixture
def partner(keys: SigningKeys, partner_id: str) -> dict[str, str]:
    return keys.headers("partner", partner_id=partner_id)


def told(happened: Event) -> dict[str, Any]:
    """What a webhook says of an event, apart from its data."""
    return {"type": happened.type, "sequence": happened.sequence, "subject": happened.subject}


def said(request: Request) -> dict[str, Any]:
    return {name: request.json[name] for name in ("type", "sequence", "subject")}


@pytest.mark.seed(23, 24, 25, 68)
async def test_an_order_is_told_from_its_creation_to_its_completion(
    client: httpx.AsyncClient,
    service: Service,
    partner: dict[str, str],
    partner_id: str,
    receiver: Receiver,
) -> None:
    await register(client, partner, receiver.url, "service.*")
    order = new_id("ord")
    happened = [
        event("service.created", partner_id=partner_id, id=order),
        event(
            "service.updated",
            partner_id=partner_id,
            id=order,
            sequence=2,
            status="in-progress",
            changes=STARTED,
        ),
        event("service.completed", partner_id=partner_id, id=order, sequence=3),
    ]
    await publish(service.kafka, *happened)

    requests = {request.id: request for request in await receiver.first(3)}
    for each in happened:
        request = requests[each.id]
        assert said(request) == told(each)
        assert request.body.count(each.data.encode()) == 1  # the same to the byte
        assert request.json["data"]["status"] in ("pending", "in-progress", "completed")
    types = [request.json["type"] for request in receiver.requests]
    assert sorted(types) == ["service.completed", "service.created", "service.updated"]


@pytest.mark.seed(16)
@pytest.mark.parametrize("status", ["delayed", "canceled"])
async def test_delayed_and_canceled_are_told_once_though_the_event_comes_twice(
    client: httpx.AsyncClient,
    service: Service,
    partner: dict[str, str],
    partner_id: str,
    receiver: Receiver,
    status: str,
) -> None:
    await register(client, partner, receiver.url, "service.*")
    happened = event("service.updated", partner_id=partner_id, status=status, reason="Parts.")
    last = event("service.completed", partner_id=partner_id, subject=happened.subject, sequence=2)
    await publish(service.kafka, happened, happened, last)

    for each in ("service.updated", "service.completed"):  # they may overtake one another
        await receiver.of_type(each)
    [request] = [each for each in receiver.requests if each.json["type"] == "service.updated"]
    assert (request.json["data"]["status"], request.json["data"]["reason"]) == (status, "Parts.")


async def test_however_many_endpoints_want_an_event_each_is_told_once(
    client: httpx.AsyncClient,
    service: Service,
    partner: dict[str, str],
    partner_id: str,
    receiver: Receiver,
) -> None:
    paths = {f"/{number}" for number in range(2 * AT_ONCE + 1)}
    for path in paths:
        await register(client, partner, f"{receiver.url}{path}", "service.created")
    for _ in range(2):
        await publish(service.kafka, event("service.created", partner_id=partner_id))
    await receiver.first(2 * len(paths))
    seen = Counter(
        (request.path[request.path.rindex("/") :], request.headers["webhook-id"])
        for request in receiver.requests
    )
    assert {path for path, _ in seen} == paths
    assert set(seen.values()) == {1}


@pytest.mark.seed(26)
async def test_only_what_matches_is_delivered(
    client: httpx.AsyncClient,
    service: Service,
    partner: dict[str, str],
    partner_id: str,
    receiver: Receiver,
) -> None:
    for path, pattern in (("exact", "service.created"), ("family", "service.*"), ("all", "*")):
        await register(client, partner, f"{receiver.url}/{path}", pattern)
    subject = new_id("ord")
    await publish(
        service.kafka,
        event("service.created", partner_id=partner_id, id=subject),
        event("service.updated", partner_id=partner_id, id=subject, sequence=2),
        event("invoice.created", partner_id=partner_id, subject=subject, sequence=3),
        event("service.updated", partner_id=new_id("par"), subject=subject, sequence=4),
    )

    await receiver.first(6)
    got: dict[str, list[str]] = {}
    for request in receiver.requests:
        got.setdefault(request.path.rpartition("/")[2], []).append(request.json["type"])
    assert {path: sorted(types) for path, types in got.items()} == {
        "exact": ["service.created"],
        "family": ["service.created", "service.updated"],
        "all": ["invoice.created", "service.created", "service.updated"],
    }


@pytest.mark.seed(57)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
async def test_bookings_are_told_by_the_method_asked_for_with_all_headers(
    client: httpx.AsyncClient,
    service: Service,
    partner: dict[str, str],
    partner_id: str,
    receiver: Receiver,
    method: str,
) -> None:
    await register(client, partner, receiver.url, "booking.*", method=method)
    booking = new_id("bkg")
    names = ("created", "updated", "cancelled", "completed")
    await publish(
        service.kafka,
        *(
            event(f"booking.{name}", partner_id=partner_id, id=booking, sequence=number)
            for number, name in enumerate(names, 1)
        ),
    )

    requests = await receiver.first(4)
    assert {request.json["type"] for request in requests} == {f"booking.{name}" for name in names}
    for request in requests:
        assert request.method == method
        assert request.headers["content-type"] == "application/json"
        for header in ("webhook-id", "webhook-timestamp", "webhook-signature"):
            assert request.headers[header]


async def test_a_workshop_is_told_of_its_bookings_and_an_operator_of_everything(
    client: httpx.AsyncClient,
    service: Service,
    partner_id: str,
    keys: SigningKeys,
    receiver: Receiver,
) -> None:
    account, workshop = new_id("par"), new_id("wks")
    shop, operator = keys.headers("workshop", partner_id=account), keys.headers("operator")
    await register(client, shop, f"{receiver.url}/shop", "booking.*")
    watching = await register(client, operator, f"{receiver.url}/operator", "booking.*")
    # The booking travels on another partition than its workshop, and may well come first.
    booked = event("booking.created", partner_id=partner_id, workshop_id=workshop)
    elsewhere = event("booking.created", partner_id=partner_id, workshop_id=new_id("wks"))
    opened = event("workshop.created", partner_id=account, id=workshop)
    await publish(service.kafka, booked, elsewhere, opened)

    await receiver.first(3)
    got = {(request.path.rpartition("/")[2], request.id) for request in receiver.requests}
    assert got == {("shop", booked.id), ("operator", booked.id), ("operator", elsewhere.id)}
    seen = await client.get("/v1/events", headers=shop)
    assert {each["id"] for each in seen.json()["data"]} == {booked.id, opened.id}
    await client.delete(f"/v1/webhook-endpoints/{watching['id']}", headers=operator)


@pytest.mark.seed(68)
async def test_what_was_missed_is_read_back_in_order(
    client: httpx.AsyncClient, service: Service, partner: dict[str, str], partner_id: str
) -> None:
    order = new_id("ord")
    happened = [
        event("service.updated", partner_id=partner_id, id=order, sequence=number)
        for number in range(1, 6)
    ]
    other = event("service.updated", partner_id=new_id("par"))
    await publish(service.kafka, *happened, other)

    async def read(**query: Any) -> dict[str, Any]:
        answer = await client.get("/v1/events", params=query, headers=partner)
        assert answer.status_code == 200, answer.text
        page: dict[str, Any] = answer.json()
        return page

    async def all_there() -> bool:
        return len((await read())["data"]) == 5

    await eventually(all_there)
    page = await read(after=happened[1].id, limit=2)
    assert [each["id"] for each in page["data"]] == [happened[2].id, happened[3].id]
    assert [each["sequence"] for each in page["data"]] == [3, 4]
    rest = await read(after=page["next_cursor"])
    assert [each["id"] for each in rest["data"]] == [happened[4].id]
    assert rest["next_cursor"] is None
    refused = await client.get("/v1/events", params={"after": other.id}, headers=partner)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/after"


async def test_a_type_that_this_copy_does_not_know_is_passed_on(
    client: httpx.AsyncClient,
    service: Service,
    partner: dict[str, str],
    partner_id: str,
    receiver: Receiver,
) -> None:
    await register(client, partner, receiver.url, "service.*")
    known = event("service.updated", partner_id=partner_id)
    await publish(service.kafka, known)
    headers = [
        (name, b"service.paused" if name == "ce_type" else b"01" if name == "ce_id" else value)
        for name, value in known.headers()
    ]
    async with service.kafka.producer() as producer:
        topic = service.kafka.topic("order.events")
        await producer.send_and_wait(
            topic, b'{"new": true}', known.subject.encode(), headers=headers
        )

    assert (await receiver.of_type("service.paused")).json["data"] == {"new": True}
