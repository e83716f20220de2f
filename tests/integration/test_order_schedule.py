"""When work begins, who may put it off, and how an order is found again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from infra.orders import OrderDesk
from shared.contracts.common import Registration, Vehicle
from shared.ids import new_id


@pytest.fixture
def account() -> str:
    return new_id("par")


def moment(desk: OrderDesk, **later: float) -> str:
    at = desk.clock.now().replace(microsecond=0) + timedelta(**later)
    return at.isoformat().replace("+00:00", "Z")


async def reschedule(
    desk: OrderDesk, account: str, order: dict[str, Any], start_at: str
) -> httpx.Response:
    path, body = f"/v1/orders/{order['id']}/schedule", {"start_at": start_at, "reason": "late ship"}
    return await desk.client.post(path, json=body, headers=desk.partner(account))


@pytest.mark.seed(10, 24)
async def test_work_that_has_not_begun_is_put_off(desk: OrderDesk, account: str) -> None:
    order = await desk.ordered(account, estimated_duration="PT9H")
    start = moment(desk, days=5)
    moved = (await reschedule(desk, account, order, start)).json()
    assert (moved["scheduled_at"], moved["estimated_completion_at"]) == (
        start,
        moment(desk, days=5 + 2),
    )
    told = (await desk.logged(order["id"]))[-1]
    assert (told.type, told.data["reason"]) == ("service.updated", "late ship")
    changed = [change["field"] for change in told.data["changes"]]
    assert changed == ["scheduled_at", "estimated_completion_at"]


async def test_a_time_that_has_gone_by_is_refused(desk: OrderDesk, account: str) -> None:
    order = await desk.ordered(account)
    refused = await reschedule(desk, account, order, moment(desk, days=-1))
    [error] = refused.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/start_at", "in-the-past")


async def test_work_that_has_begun_is_not_put_off(desk: OrderDesk, account: str) -> None:
    order = await desk.ordered(account)
    path, headers = f"/v1/orders/{order['id']}/status", desk.keys.headers("operator")
    await desk.client.post(path, json={"status": "in-progress"}, headers=headers)
    refused = await reschedule(desk, account, order, moment(desk, days=1))
    assert (refused.status_code, refused.json()["code"]) == (409, "work-has-begun")


@pytest.mark.seed(11)
async def test_orders_are_found_by_vehicle_and_time(desk: OrderDesk, account: str) -> None:
    car = Vehicle(
        vin="WVWZZZ1JZXW000001", registration=Registration(plate="abc 12-3", country="AU")
    )
    wanted = await desk.ordered(account, vehicle=car)
    await desk.ordered(account)

    async def found(**query: str) -> list[str]:
        headers = desk.partner(account)
        answer = await desk.client.get("/v1/orders", params=query, headers=headers)
        return [each["id"] for each in answer.json()["data"]]

    assert await found(vin="wvwzzz1jzxw000001") == [wanted["id"]]
    assert await found(plate="ABC-123") == [wanted["id"]]
    assert len(await found(created_since=moment(desk, days=-1))) == 2
    assert await found(created_before=moment(desk, days=-1)) == []
    assert await found(created_since=moment(desk, days=1)) == []
