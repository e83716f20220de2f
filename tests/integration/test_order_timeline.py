"""Time in stage as partners and workshops see it."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import text

from infra.explaining import reads_of
from infra.orders import OrderDesk
from infra.waiting import eventually
from services.order.domain.shop_hours import WEEKDAYS
from services.order.handlers.overstaying import tell_due
from shared.contracts import WorkshopV1
from shared.ids import new_id

ALL_DAY = {"hours": {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}}
BEGIN_EARLIER = text(
    "UPDATE order_history SET effective_at = effective_at - interval '2 minutes'"
    " WHERE order_id = :order"
)
COLUMNS = (
    "status, terms, paid, sequence, created_at, supplements, amount_paid, attachments, vin, plate"
)
OTHERS = text(f"""
INSERT INTO orders (id, partner_id, workshop_id, {COLUMNS})
SELECT id || n, 'par_' || n % 50, 'wks_' || n % 100, {COLUMNS}
FROM orders, generate_series(1, 2000) AS n WHERE id = :order
""")  # noqa: S608 - of no request
LONG = text("""
INSERT INTO order_history (order_id, at, effective_at, actor_role, from_status, to_status, changes)
SELECT o.id, now(), now() - s.days * interval '1 day', 'workshop', s.was, s.became, '[]'
FROM orders AS o, (VALUES (200, NULL, 'pending'), (1, 'pending', 'in-progress'))
    AS s (days, was, became)
WHERE o.id <> :order AND o.id LIKE :order || '%'
""")
POLICY = {
    "holding_cost_per_day": {"amount": 4800, "currency": "AUD"},
    "limits": {"pending": 1440, "delayed": 60},
}


@pytest.fixture
def account() -> str:
    return new_id("par")


async def move(
    desk: OrderDesk, order: dict[str, Any], status: str, expected: int = 200, **more: Any
) -> dict[str, Any]:
    body = {"status": status, "reason": "parts" if status == "delayed" else None} | more
    answer = await desk.client.post(
        f"/v1/orders/{order['id']}/status", json=body, headers=desk.keys.headers("operator")
    )
    assert answer.status_code == expected, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def get(desk: OrderDesk, path: str, headers: dict[str, str], **query: Any) -> httpx.Response:
    return await desk.client.get(path, params=query, headers=headers)


async def history(desk: OrderDesk, order: dict[str, Any]) -> list[dict[str, Any]]:
    path = f"/v1/orders/{order['id']}/history"
    entries: list[dict[str, Any]] = (await get(desk, path, desk.keys.headers("operator"))).json()[
        "data"
    ]
    return entries


async def open_workshop(desk: OrderDesk, account: str, **more: Any) -> str:
    """Let a workshop be told of, with hours, and wait until it is known."""
    workshop_id = new_id("wks")
    told = WorkshopV1(
        **more,
        id=workshop_id,
        partner_id=account,
        name="Harbour Motors",
        time_zone="Australia/Sydney",
        country="AU",
        created_at=desk.clock.now(),
        hours=dict.fromkeys(WEEKDAYS, (("00:00", "24:00"),)),
    )
    await desk.tell("workshop.created", workshop_id, 1, told)
    await eventually(
        lambda: desk.scalar("SELECT time_zone FROM workshops WHERE id = :w", w=workshop_id)
    )
    return workshop_id


def shown(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


@pytest.mark.seed(70)
async def test_a_timeline_tells_working_from_waiting_and_what_it_cost(
    desk: OrderDesk, account: str
) -> None:
    workshop = await open_workshop(desk, new_id("par"))
    headers = desk.partner(account)
    put = await desk.client.put("/v1/stage-policy", json=POLICY, headers=headers)
    assert put.json()["holding_cost_per_day"] == POLICY["holding_cost_per_day"]
    order = await desk.ordered(account, workshop_id=workshop)
    await move(desk, order, "in-progress")
    await move(desk, order, "delayed")
    await move(desk, order, "in-progress")
    await move(desk, order, "completed")
    path = f"/v1/orders/{order['id']}/timeline"
    found = (await get(desk, path, headers)).json()
    assert [(each["stage"], each["working"]) for each in found["stages"]] == [
        ("pending", False),
        ("in-progress", True),
        ("delayed", False),
        ("in-progress", True),
    ]
    assert found["stages"][2]["reason"] == "parts"
    assert found["time_to_line"]["shop_hours"] is not None
    assert found["holding_cost"]["currency"] == "AUD"
    # What a day costs a partner is no workshop's business.
    for other in (desk.workshop_headers(new_id("par")), desk.partner(new_id("par"))):
        assert (await get(desk, path, other)).status_code == 404


@pytest.mark.seed(70)
async def test_days_on_which_a_workshop_is_closed_are_no_shop_hours(
    desk: OrderDesk, account: str
) -> None:
    today = desk.clock.now().astimezone(ZoneInfo("Australia/Sydney")).date()
    around = [today + timedelta(days=n) for n in (-1, 0, 1)]
    for more, closed in (
        ({"closures": ((around[0], around[2]),)}, True),
        ({"special_days": dict.fromkeys(around, ())}, True),
        ({}, False),
    ):
        workshop = await open_workshop(desk, new_id("par"), **more)
        order = await desk.ordered(account, workshop_id=workshop)
        entered = {"order": order["id"]}
        async with desk.service.database.transaction() as work:
            await work.connection.execute(BEGIN_EARLIER, entered)
        path = f"/v1/orders/{order['id']}/timeline"
        [stay] = (await get(desk, path, desk.partner(account))).json()["stages"]
        assert stay["calendar_hours"] > 0
        assert (stay["shop_hours"] == 0) is closed


@pytest.mark.seed(15, 70)
async def test_a_change_said_late_and_a_correction_recompute_the_timeline(
    desk: OrderDesk, account: str
) -> None:
    order = await desk.ordered(account)
    created = datetime.fromisoformat((await history(desk, order))[-1]["effective_at"])
    future = shown(desk.clock.now() + timedelta(hours=1))
    for moment in (future, shown(created - timedelta(minutes=1))):
        refused = await move(desk, order, "in-progress", 422, at=moment)
        assert refused["errors"][0]["pointer"] == "/at"
    since = shown(created + timedelta(milliseconds=1))
    await move(desk, order, "in-progress", at=since)
    [*_, entry] = await history(desk, order)
    assert entry["effective_at"] == since
    assert entry["at"] > since

    path = f"/v1/orders/{order['id']}/corrections"
    body = {"position": entry["position"], "at": shown(created), "reason": "misread the clock"}
    operator = desk.keys.headers("operator")
    answer = await desk.client.post(path, json=body, headers=operator)
    assert answer.status_code == 200, answer.text
    [*_, corrected, told] = await history(desk, order)
    assert (corrected["effective_at"], corrected["at"]) == (shown(created), entry["at"])
    assert told["reason"].endswith(f"not {since}: misread the clock")
    timeline = (await get(desk, f"/v1/orders/{order['id']}/timeline", operator)).json()
    assert timeline["stages"][0]["until"] == shown(created)
    assert (await desk.logged(order["id"]))[-1].type == "service.updated"
    for position in (entry["position"] + 10_000, told["position"]):
        refused = await desk.client.post(path, json=body | {"position": position}, headers=operator)
        assert refused.json()["errors"][0]["code"] == "unknown-entry"


@pytest.mark.seed(33, 70)
async def test_a_report_sums_up_ones_own_stages_alone(desk: OrderDesk, account: str) -> None:
    headers = desk.partner(account)
    await desk.client.put("/v1/stage-policy", json=POLICY, headers=headers)
    workshop = await open_workshop(desk, new_id("par"))
    for _ in range(3):
        order = await desk.ordered(account, workshop_id=workshop)
        await move(desk, order, "in-progress")
    now = desk.clock.now()
    period = {"from": shown(now - timedelta(days=1)), "to": shown(now + timedelta(days=1))}
    found = (await get(desk, "/v1/reports/stages", headers, **period)).json()["stages"]
    assert [(row["workshop_id"], row["stage"], row["count"]) for row in found] == [
        (workshop, "pending", 3)
    ]
    table = (await get(desk, "/v1/reports/stages.csv", headers, **period)).text
    [row] = csv.DictReader(io.StringIO(table))
    assert (row["workshop_id"], row["count"], row["currency"]) == (workshop, "3", "AUD")
    other = await get(desk, "/v1/reports/stages", desk.partner(new_id("par")), **period)
    assert other.json()["stages"] == []
    reversed_ = {"from": period["to"], "to": period["from"]}
    long = {"from": shown(now - timedelta(days=93)), "to": shown(now)}
    for wrong in (reversed_, long):
        refused = await get(desk, "/v1/reports/stages", headers, **wrong)
        assert refused.json()["errors"][0]["pointer"] == "/to"


@pytest.mark.seed(24, 70)
async def test_a_stage_that_takes_too_long_is_told_once_a_stay(
    desk: OrderDesk, account: str
) -> None:
    limits = {"limits": {"pending": 1}}
    await desk.client.put("/v1/stage-policy", json=limits, headers=desk.partner(account))
    order = await desk.ordered(account)
    [*_, begun] = await history(desk, order)
    async with desk.service.database.transaction() as work:
        await work.connection.execute(BEGIN_EARLIER, {"order": order["id"]})

    async def told() -> list[Any]:
        events = await desk.logged(order["id"])
        return [each for each in events if str(each.data["reason"]).startswith("sla: pending")]

    await asyncio.gather(*(tell_due(desk.service.database) for _ in range(4)))
    await eventually(told)
    await tell_due(desk.service.database)
    [event] = await told()
    assert event.type == "service.updated"
    assert event.data["changes"] == [{"field": "sla/pending", "before": None, "after": 1}]
    [*_, entry] = await history(desk, order)
    assert (entry["reason"], entry["actor"]["role"]) == (
        "sla: pending for more than 1 min",
        "system",
    )
    assert begun["position"] < entry["position"]


@pytest.mark.seed(33, 70)
async def test_a_report_reads_its_own_orders_alone(desk: OrderDesk, account: str) -> None:
    workshop = await open_workshop(desk, account)
    order = await desk.ordered(new_id("par"), workshop_id=workshop)
    await move(desk, order, "in-progress")
    async with desk.service.database.transaction() as work:
        for each in (OTHERS, LONG, text("ANALYZE orders, order_history, workshops")):
            named = {"order": order["id"]} if ":order" in each.text else {}
            await work.connection.execute(each, named)
    now = desk.clock.now()
    period = {"from": shown(now - timedelta(days=9)), "to": shown(now + timedelta(days=1))}

    async def report(headers: dict[str, str]) -> tuple[list[int], int]:
        async with reads_of(desk.service.engine, "orders") as reads:
            answer = await get(desk, "/v1/reports/stages", headers, **period)
        return [row["count"] for row in answer.json()["stages"]], reads.rows

    counts, rows = await report(desk.workshop_headers(account))
    assert counts == [1]
    assert rows < 100
    assert (await report(desk.partner("par_7")))[0] == [20, 20]  # at two workshops
