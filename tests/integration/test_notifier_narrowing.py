"""What an endpoint is narrowed to, its own headers, and when its owner is told that it fails."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
import standardwebhooks
from sqlalchemy import text

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.notifying import notifier_settings, published
from infra.receiver import Receiver, status
from infra.waiting import eventually
from infra.webhooks import Subscriber, at_work
from services.notifier import bodies
from services.notifier.domain.message import Message
from services.notifier.main import build
from shared.service import Service
from shared.shift import ShiftedClock

VIN = "1HGCM82633A004352"
NOWHERE = "http://127.0.0.1:9/hook"


@pytest.fixture(scope="module")
def clock() -> ShiftedClock:
    return ShiftedClock()


@pytest_asyncio.fixture(scope="module")
async def service(
    module_database: MakeDatabase, keys: SigningKeys, clock: ShiftedClock
) -> AsyncIterator[Service]:
    made = build(notifier_settings(await module_database("notifier")), clock=clock, keys=keys)
    async with at_work(made, "deliveries", "replays"):
        yield made


@pytest.mark.seed(26)
async def test_an_endpoint_is_told_of_its_workshops_and_vehicles_alone(
    dealer: Subscriber, receiver: Receiver
) -> None:
    await dealer.register(f"{receiver.url}/shop", "booking.*", workshop_ids=["wks_1", "wks_2"])
    await dealer.register(f"{receiver.url}/car", "*", vins=[VIN.lower()])
    both = await dealer.register(f"{receiver.url}/both", "*", vins=[VIN], workshop_ids=["wks_1"])
    first = await dealer.happen("booking.created", workshop_id="wks_1", id="bkg_1")
    await dealer.happen("booking.created", workshop_id="wks_3", id="bkg_2")
    order = await dealer.happen("service.created", id="ord_1", vehicle={"vin": VIN})
    await dealer.happen("service.created", id="ord_2", vehicle={"vin": "JHMCM56557C404453"})
    await receiver.first(2)

    def got() -> set[tuple[str, str]]:
        return {(each.path.rpartition("/")[2], each.id) for each in receiver.requests}

    assert got() == {("shop", first.id), ("car", order.id)}
    path = f"/v1/webhook-endpoints/{both['id']}"
    assert (await dealer.get(path))["vins"] == [VIN]
    changed = await dealer.send("PATCH", path, {"workshop_ids": None})
    assert (changed.json()["workshop_ids"], changed.json()["vins"]) == (None, [VIN])
    second = await dealer.happen("service.updated", id="ord_1", vehicle={"vin": VIN}, sequence=2)
    await eventually(lambda: {("both", second.id), ("car", second.id)} <= got())


async def test_an_owners_headers_are_sent_and_never_shown(
    dealer: Subscriber, receiver: Receiver, service: Service
) -> None:
    secret = "Bearer s3cret-of-theirs"
    headers = {"Authorization": secret, "X-Tenant": "harbour"}
    endpoint = await dealer.register(receiver.url, headers=headers)
    path = f"/v1/webhook-endpoints/{endpoint['id']}"
    await dealer.happen()
    [request] = await receiver.first()
    assert (request.headers["authorization"], request.headers["x-tenant"]) == (secret, "harbour")
    assert request.headers["webhook-signature"].startswith("v1,")
    shown = {"Authorization": "redacted", "X-Tenant": "redacted"}
    assert endpoint["headers"] == (await dealer.get(path))["headers"] == shown
    async with service.database.reading() as connection:
        kept = await connection.execute(text("SELECT * FROM endpoints"))
        assert "s3cret" not in " ".join(map(str, kept.all()))

    other = await dealer.send("PATCH", path, {"headers": {"X-Other": "1"}})
    assert other.json()["headers"] == {"X-Other": "redacted"}
    await dealer.send("POST", f"{path}/rotate-secret")
    await dealer.happen()
    [_, request] = await receiver.first(2)
    assert request.headers["x-other"] == "1"
    assert "authorization" not in request.headers
    await dealer.send("PATCH", path, {"headers": None})
    assert (await dealer.get(path))["headers"] == {}


@pytest.mark.seed(63)
@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"webhook-id": "mine"}, "reserved-header"),
        ({"Host": "internal"}, "reserved-header"),
        ({"Transfer-Encoding": "chunked"}, "reserved-header"),
        ({"Proxy-Authorization": "x"}, "reserved-header"),
        ({"X-A\r\nX-B": "x"}, "malformed-header"),
        ({"X-A": "x\r\nX-B: y"}, "malformed-value"),
        ({"X-A": ""}, "malformed-value"),
        ({"X-A": "x", "x-a": "y"}, "repeated-header"),
        ({f"X-{number}": "x" for number in range(11)}, "too-long"),
    ],
)
async def test_headers_that_are_ours_or_malformed_are_refused(
    dealer: Subscriber, headers: dict[str, str], code: str
) -> None:
    body = {"url": NOWHERE, "events": ["*"], "headers": headers}
    answer = await dealer.send("POST", "/v1/webhook-endpoints", body)
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/headers", code)


async def test_the_payloads_version_is_one_that_there_is(dealer: Subscriber) -> None:
    endpoint = await dealer.register(NOWHERE)
    assert endpoint["payload_version"] == 1
    body: dict[str, Any] = {"url": NOWHERE, "events": ["*"], "payload_version": 2}
    answer = await dealer.send("POST", "/v1/webhook-endpoints", body)
    assert answer.json()["errors"][0]["pointer"] == "/payload_version"


async def test_an_endpoint_keeps_its_bodys_version_when_there_is_a_second_one(
    dealer: Subscriber, receiver: Receiver, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second version is this test's own; what chooses, renders, signs and replays is not."""
    first = await dealer.register(f"{receiver.url}/first")
    second = await dealer.register(f"{receiver.url}/second")

    def nested(message: Message, replay_id: str | None) -> dict[str, Any]:
        said = bodies.shown(message, replay_id)
        about = {name: said.pop(name) for name in ("type", "subject", "sequence")}
        return {"event": about, **said}

    monkeypatch.setattr(bodies, "BY_VERSION", {**bodies.BY_VERSION, 2: nested})
    newer = text("UPDATE endpoints SET payload_version = 2 WHERE id = :id")
    async with service.database.transaction() as work:
        await work.connection.execute(newer, {"id": second["id"]})
    await dealer.happen("service.created", id="ord_1")
    await receiver.first(2)
    for each in (first, second):
        await dealer.post(f"/v1/webhook-endpoints/{each['id']}/replay", {"subject": "ord_1"})
    sent = await receiver.first(4)

    for request in sent:
        made = first if request.path.endswith("/first") else second
        standardwebhooks.Webhook(made["secret"]).verify(request.body, request.headers)
        said = request.json if made is first else request.json["event"]
        assert (said["type"], said["subject"]) == ("service.created", "ord_1")
        assert ("event" in request.json) is (made is second)
    assert sorted((each.path[-6:], "replay" in each.json) for each in sent) == [
        ("/first", False),
        ("/first", True),
        ("second", False),
        ("second", True),
    ]
    assert len({request.id for request in sent}) == 1


async def test_an_owner_is_told_once_of_a_day_without_success(
    dealer: Subscriber, receiver: Receiver, service: Service, clock: ShiftedClock
) -> None:
    endpoint = await dealer.register(receiver.url)
    path = f"/v1/webhook-endpoints/{endpoint['id']}"

    async def fails(count: int) -> None:
        receiver.usual = status(500)
        await dealer.happen()

        async def given_up() -> bool:
            page = await dealer.get(f"{path}/deliveries", status="exhausted")
            return len(page["data"]) == count

        await eventually(given_up)

    await fails(1)
    clock.advance(timedelta(hours=23))
    await fails(2)
    assert await published(service, "endpoint.failing") == []
    clock.advance(timedelta(hours=1, minutes=1))
    await fails(3)
    await fails(4)
    assert await published(service, "endpoint.failing") == [endpoint["id"]]
    assert (await dealer.get(path))["status"] == "enabled"

    receiver.usual = status(204)
    await dealer.happen()
    await dealer.become(path, failing_since=None)
    await fails(5)
    clock.advance(timedelta(days=1, minutes=1))
    await fails(6)
    assert await published(service, "endpoint.failing") == [endpoint["id"]] * 2
