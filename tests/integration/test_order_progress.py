"""The work on an order: who may move it, from where to where, and who is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from infra.orders import OrderDesk
from infra.waiting import eventually
from shared.ids import new_id

PAID = [("payment.succeeded", 1), ("service.created", 1)]


@pytest.fixture
def account() -> str:
    return new_id("par")


@pytest.fixture
def garage() -> str:
    return new_id("par")


async def move(
    desk: OrderDesk, garage: str, order: dict[str, Any], status: str, **more: Any
) -> httpx.Response:
    return await desk.client.post(
        f"/v1/orders/{order['id']}/status",
        json={"status": status} | more,
        headers=desk.workshop_headers(garage),
    )


async def moved(
    desk: OrderDesk, garage: str, order: dict[str, Any], *statuses: str
) -> dict[str, Any]:
    for status in statuses:
        answer = await move(desk, garage, order, status, reason="parts")
        assert answer.status_code == 200, answer.text
        order = answer.json()
    return order


@pytest.mark.seed(11, 12, 24, 25)
async def test_work_is_started_and_completed(desk: OrderDesk, account: str, garage: str) -> None:
    order = await desk.ordered(account)
    done = await moved(desk, garage, order, "in-progress", "completed")
    assert (done["status"], done["total"]["amount"]) == ("completed", 44000)
    assert done["completed_at"] is not None
    told = [*PAID, ("service.updated", 2), ("service.completed", 3)]
    assert await desk.events(order) == told
    mine = await desk.client.get(f"/v1/orders/{order['id']}", headers=desk.partner(account))
    assert mine.json() == done


@pytest.mark.seed(12)
async def test_a_step_cannot_be_skipped(desk: OrderDesk, account: str, garage: str) -> None:
    order = await desk.ordered(account)
    answer = await move(desk, garage, order, "completed")
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "transition-not-allowed")
    assert problem["allowed"] == ["in-progress", "delayed", "canceled"]
    assert await desk.events(order) == PAID


@pytest.mark.seed(13, 24)
async def test_a_delay_says_why_and_until_when(desk: OrderDesk, account: str, garage: str) -> None:
    order = await desk.ordered(account)
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=9)
    stated = until.isoformat().replace("+00:00", "Z")
    delayed = await move(
        desk, garage, order, "delayed", reason="parts", estimated_completion_at=stated
    )
    assert (delayed.json()["status"], delayed.json()["reason"]) == ("delayed", "parts")
    assert delayed.json()["estimated_completion_at"] == stated
    told = (await desk.logged(order["id"]))[-1]
    assert (told.type, told.data["reason"]) == ("service.updated", "parts")
    assert [change["field"] for change in told.data["changes"]] == [
        "status",
        "estimated_completion_at",
    ]


@pytest.mark.seed(13)
@pytest.mark.parametrize("path", ["status", "cancel"])
async def test_a_delay_and_a_cancellation_need_a_reason(
    desk: OrderDesk, account: str, garage: str, path: str
) -> None:
    order = await desk.ordered(account)
    body = {"status": "delayed"} if path == "status" else {}
    answer = await desk.client.post(
        f"/v1/orders/{order['id']}/{path}", json=body, headers=desk.workshop_headers(garage)
    )
    assert answer.status_code == 422
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("/reason", "missing")]


@pytest.mark.seed(14)
@pytest.mark.parametrize(
    ("worked", "back", "elsewhere"),
    [([], "pending", "in-progress"), (["in-progress"], "in-progress", "pending")],
)
async def test_a_delayed_order_resumes_where_it_was(
    desk: OrderDesk, account: str, garage: str, worked: list[str], back: str, elsewhere: str
) -> None:
    order = await desk.ordered(account)
    await moved(desk, garage, order, *worked, "delayed")
    refused = await move(desk, garage, order, elsewhere)
    assert (refused.status_code, refused.json()["allowed"]) == (409, [back, "canceled"])
    resumed = await moved(desk, garage, order, back)
    assert (resumed["status"], resumed["reason"]) == (back, "parts")
    updates = [event for event in await desk.events(order) if event[0] == "service.updated"]
    assert len(updates) == len(worked) + 2


@pytest.mark.seed(14)
@pytest.mark.parametrize("end", ["completed", "canceled"])
async def test_what_has_ended_cannot_change(
    desk: OrderDesk, account: str, garage: str, end: str
) -> None:
    order = await desk.ordered(account)
    path, headers = f"/v1/orders/{order['id']}/cancel", desk.workshop_headers(garage)
    if end == "completed":
        await moved(desk, garage, order, "in-progress", "completed")
    else:
        assert (
            await desk.client.post(path, json={"reason": "sold"}, headers=headers)
        ).status_code == 200
    before = await desk.read(order["id"])
    for status in ("pending", "in-progress", "delayed", "completed"):
        refused = await move(desk, garage, order, status, reason="parts")
        assert (refused.status_code, refused.json()["allowed"]) == (409, [])
    again = await desk.client.post(path, json={"reason": "sold"}, headers=headers)
    assert again.status_code == 409
    assert (await desk.read(order["id"]))["status"] == before["status"]


@pytest.mark.seed(13, 24)
async def test_a_partner_cancels_with_a_reason(desk: OrderDesk, account: str) -> None:
    order = await desk.ordered(account)
    answer = await desk.client.post(
        f"/v1/orders/{order['id']}/cancel", json={"reason": "sold"}, headers=desk.partner(account)
    )
    assert (answer.json()["status"], answer.json()["reason"]) == ("canceled", "sold")
    (told,) = [event for event in await desk.logged(order["id"]) if event.sequence == 2]
    assert (told.type, told.data["status"], told.data["reason"]) == (
        "service.updated",
        "canceled",
        "sold",
    )


@pytest.mark.seed(11, 15)
async def test_every_change_stands_in_the_history(
    desk: OrderDesk, account: str, garage: str
) -> None:
    order = await desk.ordered(account)
    await moved(desk, garage, order, "in-progress", "delayed", "in-progress", "completed")
    headers = desk.partner(account)
    url = (await desk.client.get(f"/v1/orders/{order['id']}", headers=headers)).json()[
        "history_url"
    ]
    entries: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = await desk.client.get(url, params={"limit": "4"} | cursor, headers=headers)
        entries += page.json()["data"]
        if page.json()["next_cursor"] is None:
            break
        cursor = {"cursor": page.json()["next_cursor"]}
    assert [(entry["from"], entry["to"]) for entry in entries] == [
        (None, "awaiting-payment"),
        ("awaiting-payment", "pending"),
        ("pending", "in-progress"),
        ("in-progress", "delayed"),
        ("delayed", "in-progress"),
        ("in-progress", "completed"),
    ]
    assert [entry["actor"]["role"] for entry in entries] == ["partner"] * 2 + ["workshop"] * 4
    assert all(entry["actor"]["client_id"] for entry in entries)
    assert entries[3]["reason"] == "parts"
    assert entries[3]["changes"][0] == {
        "field": "status",
        "before": "in-progress",
        "after": "delayed",
    }
    published = [str(event.id) for event in await desk.logged(order["id"])]
    assert [entry["event_id"] for entry in entries[1:]] == published


@pytest.mark.seed(33)
async def test_an_order_is_its_partners_and_its_workshops_alone(
    desk: OrderDesk, account: str, garage: str
) -> None:
    workshop_id = await desk.workshop(garage)
    await eventually(lambda: desk.scalar("SELECT 1 FROM workshops WHERE id = :w", w=workshop_id))
    order = await desk.ordered(account, workshop_id=workshop_id)
    strangers = [
        desk.partner(new_id("par")),
        desk.workshop_headers(new_id("par")),
        desk.workshop_headers(account),
        desk.partner(garage),
    ]
    for headers in strangers:
        nobodys = await desk.client.get(f"/v1/orders/{new_id('ord')}", headers=headers)
        for method, path, body in (
            ("GET", "", None),
            ("GET", "/history", None),
            ("POST", "/cancel", {"reason": "mine"}),
        ):
            url = f"/v1/orders/{order['id']}{path}"
            theirs = await desk.client.request(method, url, json=body, headers=headers)
            assert (theirs.status_code, theirs.json()) == (404, nobodys.json())
        listed = await desk.client.get("/v1/orders", headers=headers)
        assert order["id"] not in {each["id"] for each in listed.json()["data"]}
    assert (await move(desk, new_id("par"), order, "in-progress")).status_code == 404
    assert (await move(desk, garage, order, "in-progress")).status_code == 200
    as_partner = await desk.client.post(
        f"/v1/orders/{order['id']}/status",
        json={"status": "completed"},
        headers=desk.partner(account),
    )
    assert as_partner.status_code == 403


async def test_whoever_moves_an_unassigned_order_first_keeps_it(
    desk: OrderDesk, account: str, garage: str
) -> None:
    order = await desk.ordered(account)
    assert (await move(desk, garage, order, "in-progress")).status_code == 200
    assert (await move(desk, new_id("par"), order, "completed")).status_code == 404
    assert (await move(desk, garage, order, "completed")).status_code == 200


async def test_orders_are_found_by_what_they_belong_to(desk: OrderDesk, account: str) -> None:
    headers = desk.partner(account)
    mine = [await desk.ordered(account, external_reference=f"stock-{n}") for n in range(3)]
    for query, expected in (
        ("", mine[::-1]),
        ("status=pending", mine[::-1]),
        ("status=completed", []),
        (f"quote_id={mine[1]['quote_id']}", [mine[1]]),
        ("external_reference=stock-2", [mine[2]]),
        (f"deal_id={new_id('dea')}", []),
        (f"workshop_id={new_id('wks')}", []),
    ):
        answer = await desk.client.get(f"/v1/orders?{query}", headers=headers)
        found = [order["id"] for order in answer.json()["data"]]
        assert found == [order["id"] for order in expected], query
    first = (await desk.client.get("/v1/orders?limit=2", headers=headers)).json()
    cursor = first["next_cursor"]
    rest = (await desk.client.get(f"/v1/orders?limit=2&cursor={cursor}", headers=headers)).json()
    ids = [order["id"] for order in first["data"] + rest["data"]]
    assert (ids, rest["next_cursor"]) == ([order["id"] for order in mine[::-1]], None)


async def test_a_repeated_key_moves_an_order_once(
    desk: OrderDesk, account: str, garage: str
) -> None:
    order = await desk.ordered(account)
    headers = desk.workshop_headers(garage) | {"Idempotency-Key": "start"}
    path, body = f"/v1/orders/{order['id']}/status", {"status": "in-progress"}
    first = await desk.client.post(path, json=body, headers=headers)
    second = await desk.client.post(path, json=body, headers=headers)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.content == second.content
