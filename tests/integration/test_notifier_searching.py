"""What became of deliveries: searched, sent again, what is missing, and how an endpoint does."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import text

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.notifying import notifier_settings
from infra.receiver import Receiver, status
from infra.waiting import eventually
from infra.webhooks import Subscriber, at_work
from services.notifier.main import build
from shared.ids import new_event_id, new_id
from shared.service import Service

VIN = "1HGCM82633A004352"
LONG_AGO = "2020-01-01T00:00:00Z"


@pytest_asyncio.fixture(scope="module")
async def service(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Service]:
    settings = notifier_settings(await module_database("notifier"), webhook_retries=(0.01,))
    async with at_work(build(settings, keys=keys), "deliveries", "replays") as made:
        yield made


async def registered(dealer: Subscriber, receiver: Receiver) -> str:
    endpoint = await dealer.register(receiver.url, "service.*")
    return f"/v1/webhook-endpoints/{endpoint['id']}"


async def settled(dealer: Subscriber, path: str, count: int, **query: str) -> None:
    """Wait until so many deliveries have come to an end."""

    async def all_ended() -> bool:
        page = await dealer.get(f"{path}/deliveries", limit=100, **query)
        ended = [each for each in page["data"] if each["status"] != "queued"]
        return len(ended) == count

    await eventually(all_ended)


async def test_deliveries_are_found_by_what_their_owner_knows_page_by_page(
    dealer: Subscriber, receiver: Receiver
) -> None:
    path = await registered(dealer, receiver)
    made = await dealer.happen("service.created", id="ord_1", vehicle={"vin": VIN})
    receiver.answers = []
    for number in range(2, 6):
        await dealer.happen("service.updated", id="ord_1", sequence=number)
    await dealer.happen("service.created", id="ord_2")
    await settled(dealer, path, 6)

    async def found(**query: str) -> int:
        return len((await dealer.get(f"{path}/deliveries", **query))["data"])

    assert await found(subject="ord_1") == 5
    assert await found(vin=VIN.lower(), event_type="service.created", subject="ord_1") >= 1
    assert await found(event_type="service.created") == 2
    assert await found(event_id=made.id, status="delivered") == 1
    assert await found(status="exhausted") == 0
    assert await found(since=LONG_AGO) == 6
    assert await found(until=LONG_AGO) == 0

    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = await dealer.get(f"{path}/deliveries", subject="ord_1", limit=2, **cursor)
        seen += [each["id"] for each in page["data"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert len(seen) == 5
    assert seen == sorted(set(seen), reverse=True)


async def test_attempts_are_found_page_by_page(dealer: Subscriber, receiver: Receiver) -> None:
    path = await registered(dealer, receiver)
    receiver.answers = [status(500)]
    for number in range(1, 4):
        await dealer.happen("service.updated", id=f"ord_{number}", sequence=number)
        await settled(dealer, path, number)

    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = await dealer.get(f"{path}/attempts", limit=1, **cursor)
        seen += [f"{each['subject']} {each['status']}" for each in page["data"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == ["ord_3 204", "ord_2 204", "ord_1 204", "ord_1 500"]
    [failed] = (await dealer.get(f"{path}/attempts", failed=True))["data"]
    assert (failed["sequence"], failed["event_type"]) == (1, "service.updated")
    assert (await dealer.get(f"{path}/attempts", subject="ord_9"))["data"] == []


@pytest.mark.seed(28)
async def test_what_failed_is_sent_again_by_id_or_since_a_time(
    dealer: Subscriber, receiver: Receiver
) -> None:
    path = await registered(dealer, receiver)
    receiver.usual = status(500)
    ids = [(await dealer.happen(id="ord_1", sequence=number)).id for number in range(1, 4)]
    await settled(dealer, path, 3, status="exhausted")
    failed = (await dealer.get(f"{path}/deliveries"))["data"]
    receiver.usual = status(204)
    receiver.requests.clear()

    first = failed[-1]["id"]
    anothers = {"delivery_ids": [first, new_id("dlv")]}
    assert await dealer.post(f"{path}/retry", anothers) == {"retried": 1, "more": False}
    await settled(dealer, path, 1, status="delivered")
    assert [each.id for each in receiver.requests] == [ids[0]]
    assert (await dealer.post(f"{path}/retry", {"since": LONG_AGO}))["retried"] == 2
    await settled(dealer, path, 3, status="delivered")
    assert (await dealer.post(f"{path}/retry", {"since": LONG_AGO}))["retried"] == 0
    assert sorted(each.id for each in receiver.requests) == sorted(ids)
    for body in ({}, {"since": LONG_AGO, "delivery_ids": [first]}):
        refused = await dealer.send("POST", f"{path}/retry", body)
        assert refused.status_code == 422


@pytest.mark.seed(68)
async def test_gaps_name_the_sequences_that_were_not_delivered_until_they_are(
    dealer: Subscriber, receiver: Receiver
) -> None:
    path = await registered(dealer, receiver)
    await dealer.happen("service.created", id="ord_1")
    await settled(dealer, path, 1)
    receiver.usual = status(500)
    await dealer.happen("service.updated", id="ord_1", sequence=2)
    await settled(dealer, path, 1, status="exhausted")
    switched = await dealer.send("PATCH", path, {"status": "disabled"})
    assert switched.status_code == 200
    for number in (3, 4):
        await dealer.happen("service.updated", id="ord_1", sequence=number)
    await dealer.happen("invoice.created", id="inv_1")  # which it doesn't ask for

    page = await dealer.get(f"{path}/gaps")
    [gap] = page["data"]
    assert gap["subject"] == "ord_1"
    assert [(each["sequence"], each["status"]) for each in gap["missing"]] == [
        (2, "exhausted"),
        (3, None),
        (4, None),
    ]
    newer = text("UPDATE deliveries SET status = 'superseded' WHERE id = :id")
    async with dealer.service.database.transaction() as work:
        await work.connection.execute(newer, {"id": gap["missing"][0]["delivery_id"]})
    [gap] = (await dealer.get(f"{path}/gaps"))["data"]
    assert [each["sequence"] for each in gap["missing"]] == [3, 4]
    receiver.usual = status(204)
    await dealer.send("PATCH", path, {"status": "enabled"})
    await dealer.post(f"{path}/replay", {"subject": "ord_1"})

    async def closed() -> bool:
        return (await dealer.get(f"{path}/gaps"))["data"] == []

    await eventually(closed)
    refused = await dealer.send("GET", f"{path}/gaps?since={LONG_AGO}")
    assert refused.json()["errors"][0]["pointer"] == "/since"


async def test_usage_counts_what_became_of_deliveries_and_how_long_it_took(
    dealer: Subscriber, receiver: Receiver
) -> None:
    path = await registered(dealer, receiver)
    receiver.answers = [status(500), status(500), status(500)]
    for number in range(1, 4):
        await dealer.happen(id=f"ord_{number}")
    await settled(dealer, path, 3)

    used = await dealer.get(f"{path}/usage", period="hour")
    counts = used["deliveries"]
    assert sum(counts.values()) == 3
    assert counts["queued"] == counts["canceled"] == 0
    tried = used["attempts"]
    assert tried["taken"] == counts["delivered"]
    assert tried["success_rate"] == round(tried["taken"] / tried["attempts"], 4)
    assert 0 <= tried["p50_ms"] <= tried["p95_ms"] < 5000
    idle = await registered(dealer, receiver)
    assert (await dealer.get(f"{idle}/usage"))["attempts"] == {
        "attempts": 0,
        "taken": 0,
        "success_rate": None,
        "p50_ms": None,
        "p95_ms": None,
    }


async def test_what_came_too_late_is_sent_all_the_same_when_asked(
    dealer: Subscriber, receiver: Receiver
) -> None:
    endpoint = await dealer.register(receiver.url, "reminder.due")
    path = f"/v1/webhook-endpoints/{endpoint['id']}"
    receiver.usual = status(500)
    await dealer.happen("reminder.due", id="rem_1")
    await settled(dealer, path, 1, status="exhausted")
    late = text("UPDATE deliveries SET expires_at = now() - interval '1 day'")
    async with dealer.service.database.transaction() as work:
        await work.connection.execute(late)
    receiver.usual = status(204)
    assert (await dealer.post(f"{path}/retry", {"since": LONG_AGO}))["retried"] == 1
    await settled(dealer, path, 1)
    assert [each["status"] for each in (await dealer.get(f"{path}/deliveries"))["data"]] == [
        "delivered"
    ]


@pytest.mark.seed(63)
@pytest.mark.parametrize("path", ["deliveries", "attempts", "gaps", "replays", "usage"])
async def test_an_unknown_filter_is_named(dealer: Subscriber, path: str) -> None:
    endpoint = await dealer.register("http://127.0.0.1:9/hook")
    for where in (f"/v1/webhook-endpoints/{endpoint['id']}/{path}", "/v1/events"):
        refused = await dealer.send("GET", f"{where}?statuss=exhausted")
        assert refused.status_code == 422
        assert refused.json()["errors"] == [
            {
                "pointer": "/statuss",
                "code": "unknown-field",
                "message": "Extra inputs are not permitted",
            }
        ]


@pytest.mark.seed(63)
@pytest.mark.parametrize("path", ["deliveries", "attempts", "gaps"])
async def test_times_in_the_wrong_order_are_refused(dealer: Subscriber, path: str) -> None:
    endpoint = await dealer.register("http://127.0.0.1:9/hook")
    times = "since=2026-12-02T00:00:00Z&until=2026-12-01T00:00:00Z"
    where = f"/v1/webhook-endpoints/{endpoint['id']}/{path}?{times}"
    refused = await dealer.send("GET", where)
    assert refused.status_code == 422
    assert [each["code"] for each in refused.json()["errors"]] == ["reversed-times"]


async def test_a_delivery_says_what_it_is_about_and_its_event_is_read_by_its_id(
    dealer: Subscriber, receiver: Receiver, service: Service, keys: SigningKeys
) -> None:
    path = await registered(dealer, receiver)
    made = await dealer.happen("service.created", id="ord_1", sequence=1)
    await settled(dealer, path, 1)
    [listed] = (await dealer.get(f"{path}/deliveries"))["data"]
    assert (listed["subject"], listed["sequence"]) == ("ord_1", 1)
    read = await dealer.get(f"/v1/deliveries/{listed['id']}")
    assert listed.items() <= read.items()
    again = await dealer.post(f"/v1/deliveries/{listed['id']}/retry")
    assert (again["subject"], again["sequence"]) == ("ord_1", 1)

    told = await dealer.get(f"/v1/events/{listed['event_id']}")
    assert told == (await dealer.get("/v1/events"))["data"][0]
    assert (told["id"], told["data"]["id"]) == (made.id, "ord_1")
    tested = await dealer.post(f"{path}/test")
    for whose, event_id in (
        (Subscriber(service, keys), made.id),
        (dealer, new_event_id()),
        (dealer, tested["event_id"]),  # which never happened
    ):
        missing = await whose.send("GET", f"/v1/events/{event_id}")
        assert missing.status_code == 404
    operator = Subscriber(service, keys, "operator")
    assert await operator.get(f"/v1/events/{made.id}") == told
