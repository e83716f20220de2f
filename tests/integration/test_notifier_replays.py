"""Replays: the same webhooks again, marked, throttled, followed and stopped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
import standardwebhooks

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.notifying import notifier_settings
from infra.receiver import Receiver, status
from infra.running import client_of
from infra.waiting import eventually
from infra.webhooks import Subscriber, at_work
from services.notifier.main import build
from shared.ids import new_id
from shared.service import Service

VIN = "1HGCM82633A004352"
PARTS = ("deliveries", "replays")


@pytest_asyncio.fixture(scope="module")
async def service(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Service]:
    made = build(notifier_settings(await module_database("notifier")), keys=keys)
    async with at_work(made, *PARTS):
        yield made


def vehicle(vin: str) -> dict[str, Any]:
    return {"vin": vin}


async def told(dealer: Subscriber, receiver: Receiver) -> tuple[str, list[str]]:
    """Have two orders' events delivered; return the endpoint's path, and the events' ids."""
    endpoint = await dealer.register(receiver.url, "service.*", "booking.*")
    other = vehicle("JHMCM56557C404453")
    happened = [
        await dealer.happen("service.created", id="ord_1", vehicle=vehicle(VIN)),
        await dealer.happen("service.updated", id="ord_1", sequence=2, vehicle=vehicle(VIN)),
        await dealer.happen("service.created", id="ord_2", vehicle=other),
        await dealer.happen("booking.created", workshop_id="wks_1", id="bkg_1"),
        await dealer.happen("invoice.created", id="inv_1"),
    ]
    await receiver.first(4)
    receiver.requests.clear()
    return f"/v1/webhook-endpoints/{endpoint['id']}", [each.id for each in happened]


@pytest.mark.seed(75)
@pytest.mark.parametrize(
    ("choice", "places"),
    [
        ({"vin": VIN}, [0, 1]),
        ({"subject": "ord_2"}, [2]),
        ({"workshop_id": "wks_1"}, [3]),
        ({"types": ["service.created"]}, [0, 2]),
        ({"types": ["service.*"], "vin": VIN.lower()}, [0, 1]),
        ({"since": "2020-01-01T00:00:00Z"}, [0, 1, 2, 3]),
        ({"until": "2020-01-01T00:00:00Z"}, []),
        ({}, [0, 1, 2, 3]),
    ],
)
async def test_a_dry_run_tells_what_would_be_sent_and_sends_nothing(
    dealer: Subscriber, receiver: Receiver, choice: dict[str, Any], places: list[int]
) -> None:
    path, ids = await told(dealer, receiver)
    found = await dealer.post(f"{path}/replay", choice | {"dry_run": True, "rate": 3}, 200)

    assert [each["id"] for each in found["events"]] == [ids[place] for place in places]
    assert (found["total"], found["rate"]) == (len(places), 3)
    assert found["estimated_seconds"] == -(-len(places) // 3)
    assert (await dealer.get(f"{path}/replays"))["data"] == []
    assert receiver.requests == []


@pytest.mark.seed(29, 75)
async def test_a_replayed_webhook_has_its_id_and_says_in_its_signed_body_what_it_is(
    dealer: Subscriber, receiver: Receiver
) -> None:
    endpoint = await dealer.register(receiver.url)
    await dealer.happen("service.created", vehicle=vehicle(VIN))
    [first] = await receiver.first()
    path = f"/v1/webhook-endpoints/{endpoint['id']}/replay"
    replay = await dealer.post(path, {"vin": VIN})
    [_, again] = await receiver.first(2)

    standardwebhooks.Webhook(endpoint["secret"]).verify(again.body, again.headers)
    assert again.id == first.id
    assert "replay" not in first.json
    assert again.json == first.json | {"replay": {"id": replay["id"]}}
    done = await dealer.become(f"/v1/replays/{replay['id']}", status="finished")
    assert (done["total"], done["queued"], done["delivered"]) == (1, 1, 1)


@pytest.mark.seed(67)
async def test_a_new_subscriber_is_rebuilt_from_what_is_kept_to_the_byte(
    dealer: Subscriber, receiver: Receiver
) -> None:
    await dealer.register(f"{receiver.url}/old")
    for number in range(1, 5):
        await dealer.happen("service.updated", id="ord_1", sequence=number)
    first = {each.id: each.body for each in await receiver.first(4)}
    receiver.requests.clear()

    new = await dealer.register(f"{receiver.url}/new")
    replay = await dealer.post(f"/v1/webhook-endpoints/{new['id']}/replay", {})
    mark = f',"replay":{{"id":"{replay["id"]}"}}'.encode()
    again = {each.id: each.body for each in await receiver.first(4)}
    assert {name: body.replace(mark, b"") for name, body in again.items()} == first
    assert {each.path for each in receiver.requests} == {"/hooks/new"}


@pytest.mark.seed(75)
async def test_a_replay_keeps_to_its_rate_and_stops_when_asked(
    dealer: Subscriber, receiver: Receiver
) -> None:
    endpoint = await dealer.register(receiver.url)
    for number in range(12):
        await dealer.happen("service.updated", id="ord_1", sequence=number + 1)
    await receiver.first(12)
    receiver.requests.clear()
    path = f"/v1/webhook-endpoints/{endpoint['id']}/replay"
    began = datetime.now(UTC)
    replay = await dealer.post(path, {"rate": 4})
    refused = await dealer.send("POST", path, {})
    assert (refused.status_code, refused.json()["code"]) == (409, "replay-running")
    assert refused.json()["replay_id"] == replay["id"]
    await receiver.first(8)
    assert datetime.now(UTC) - began > timedelta(seconds=0.7)

    where = f"/v1/replays/{replay['id']}"
    stopped = await dealer.post(f"{where}/stop", status=200)
    assert (stopped["status"], stopped["reason"]) == ("stopped", "asked")
    assert stopped["queued"] == 8
    assert await dealer.post(f"{where}/stop", status=200) == await dealer.get(where)
    assert sorted(each.json["sequence"] for each in receiver.requests) == list(range(1, 9))


@pytest.mark.seed(75)
async def test_a_replay_goes_on_after_a_restart_where_it_was(
    database: MakeDatabase, keys: SigningKeys, receiver: Receiver
) -> None:
    settings = notifier_settings(await database("notifier"), webhook_window=1)
    async with at_work(build(settings, keys=keys), *PARTS) as first:
        dealer = Subscriber(first, keys)
        endpoint = await dealer.register(receiver.url)
        ids = [(await dealer.happen(id="ord_1", sequence=number)).id for number in range(1, 7)]
        await receiver.first(6)
        receiver.requests.clear()
        path = f"/v1/webhook-endpoints/{endpoint['id']}/replay"
        replay = await dealer.post(path, {"rate": 3})
        await receiver.first(3)
    async with at_work(build(settings, keys=keys), *PARTS) as second:
        dealer.service, dealer.client = second, client_of(second)
        await dealer.happen(id="ord_1", sequence=7)  # later, and so none of the replay's
        done = await dealer.become(f"/v1/replays/{replay['id']}", status="finished")

    assert (done["total"], done["delivered"]) == (6, 6)
    again = [each.id for each in receiver.requests if "replay" in each.json]
    assert again == ids


async def test_a_replay_to_an_endpoint_that_is_gone_ends(
    dealer: Subscriber, receiver: Receiver
) -> None:
    path, _ = await told(dealer, receiver)
    receiver.usual = status(410)
    replay = await dealer.post(f"{path}/replay", {"rate": 1})
    done = await dealer.become(f"/v1/replays/{replay['id']}", status="stopped")
    assert done["reason"] == "endpoint-disabled"
    refused = await dealer.send("POST", f"{path}/replay", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "endpoint-disabled")


@pytest.mark.seed(33)
async def test_nothing_of_anothers_is_replayed(
    dealer: Subscriber, receiver: Receiver, service: Service, keys: SigningKeys
) -> None:
    other = Subscriber(service, keys)
    await other.happen("service.created", id="ord_other", vehicle=vehicle(VIN))
    endpoint = await dealer.register(receiver.url)
    path = f"/v1/webhook-endpoints/{endpoint['id']}/replay"
    for choice in ({"vin": VIN}, {"subject": "ord_other"}, {}):
        found = await dealer.post(path, choice | {"dry_run": True}, 200)
        assert found["total"] == 0
    for method, where in (("POST", path), ("GET", f"/v1/replays/{new_id('rpl')}")):
        answer = await other.send(method, where, {} if method == "POST" else None)
        assert answer.status_code == 404


@pytest.mark.seed(63)
@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"types": ["service.*", "servce.*"]}, "/types/1"),
        ({"rate": 1000}, "/rate"),
        ({"since": "2026-12-01T00:00:00"}, "/since"),
        ({"since": "2026-12-02T00:00:00Z", "until": "2026-12-01T00:00:00Z"}, ""),
        ({"vin": "no vin"}, "/vin"),
    ],
)
async def test_what_is_wrong_is_named(dealer: Subscriber, body: Any, pointer: str) -> None:
    endpoint = await dealer.register("http://127.0.0.1:9/hook")
    path = f"/v1/webhook-endpoints/{endpoint['id']}/replay"
    answer = await dealer.send("POST", path, body)
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]


async def test_a_replay_of_nothing_has_finished(dealer: Subscriber) -> None:
    endpoint = await dealer.register("http://127.0.0.1:9/hook")
    path = f"/v1/webhook-endpoints/{endpoint['id']}/replay"
    replay = await dealer.post(path, {"subject": "ord_nobody"})

    async def ended() -> bool:
        seen = await dealer.get(f"/v1/replays/{replay['id']}")
        return bool(seen["status"] == "finished" and seen["total"] == 0)

    await eventually(ended)
