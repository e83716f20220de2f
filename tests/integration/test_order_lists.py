"""Who sees which orders in a list, in what order, and how much of those that nobody has yet."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from infra.orders import OrderDesk
from infra.waiting import eventually
from shared.contracts.common import Contact, Registration, Vehicle
from shared.ids import new_id

CONTACT = Contact(name="Dana Smith", email="dana@example.com", phone="+61412345678")
VEHICLE = Vehicle(vin="1HGCM82633A004352", registration=Registration(plate="ABC123", country="AU"))
LONGER = text("""
INSERT INTO invoice_lines (invoice_id, position, order_id, item_id, event_id, description, quantity,
    price, tax, credited_price, credited_tax, taxes)
SELECT invoice_id, n, l.order_id, item_id || n, event_id, description, quantity, price, tax, 0, 0,
    taxes
FROM invoice_lines AS l JOIN invoices AS i ON i.id = l.invoice_id, generate_series(2, 900) AS n
WHERE i.partner_id = :partner
""")
PERSONAL = ("Dana", "dana@example.com", "+61412345678", "ABC123")


async def listed(desk: OrderDesk, headers: dict[str, str], **asked: str) -> list[dict[str, Any]]:
    answer = await desk.client.get("/v1/orders", params=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


@pytest.mark.seed(33)
async def test_a_workshops_list_has_its_own_and_nobodys_newest_first(desk: OrderDesk) -> None:
    partner, garage, other = new_id("par"), new_id("par"), new_id("par")
    workshop_id, second = await desk.workshop(garage), await desk.workshop(garage)
    foreign = await desk.workshop(other)

    async def known() -> bool:
        query = "SELECT count(*) FROM workshops WHERE partner_id IN (:a, :b)"
        return bool(await desk.scalar(query, a=garage, b=other) == 3)

    await eventually(known)
    orders = [
        await desk.ordered(partner, workshop_id=where, external_reference=f"{partner}-{place}")
        for place, where in enumerate([workshop_id, None, foreign, second, None])
    ]
    ids = [order["id"] for order in orders]
    taken = {"status": "in-progress"}
    for order_id, by in ((ids[1], garage), (ids[0], garage)):
        path = f"/v1/orders/{order_id}/status"
        await desk.client.post(path, json=taken, headers=desk.workshop_headers(by))
    mine, theirs = desk.workshop_headers(garage), desk.workshop_headers(other)

    async def seen(headers: dict[str, str], **asked: str) -> list[int]:
        found = [order["id"] for order in await listed(desk, headers, **asked)]
        return [ids.index(each) for each in found if each in ids]

    assert await seen(mine) == [4, 3, 1, 0]
    assert await seen(theirs) == [4, 2]
    assert await seen(mine, status="in-progress") == [1, 0]
    assert await seen(mine, workshop_id=second) == [3]
    assert await seen(mine, workshop_id=foreign) == []
    assert await seen(mine, external_reference=f"{partner}-1") == [1]
    first = await desk.client.get("/v1/orders", params={"limit": "2"}, headers=mine)
    assert [ids.index(each["id"]) for each in first.json()["data"]] == [4, 3]
    assert await seen(mine, cursor=first.json()["next_cursor"]) == [1, 0]
    made = orders[3]["created_at"]
    assert await seen(mine, created_before=made) == [1, 0]
    assert await seen(mine, created_since=made) == [4, 3]
    assert await seen(desk.partner(partner), limit="2") == [4, 3]
    assert await seen(desk.keys.headers("partner", "workshop", partner_id=garage)) == [4, 3, 1, 0]


@pytest.mark.seed(33)
async def test_who_it_is_for_is_shown_to_the_orders_own_workshop_alone(desk: OrderDesk) -> None:
    partner, garage = new_id("par"), new_id("par")
    order = await desk.ordered(partner, contact=CONTACT, vehicle=VEHICLE)
    path, workshop = f"/v1/orders/{order['id']}", desk.workshop_headers(garage)
    for personal in PERSONAL:
        assert personal in (await desk.client.get(path, headers=desk.partner(partner))).text
    refund = {"reason": "late", "amount": {"amount": 1, "currency": "AUD"}}
    for answer in (
        await desk.client.get(path, headers=workshop),
        await desk.client.get("/v1/orders", headers=workshop),
        await desk.client.get(f"{path}/history", headers=workshop),
        await desk.client.get(f"{path}/timeline", headers=workshop),
        await desk.client.post(f"{path}/refunds", json=refund, headers=workshop),
    ):
        assert answer.is_success, answer.text
        assert not [each for each in PERSONAL if each in answer.text], answer.url
    assert order["id"] not in {each["id"] for each in await listed(desk, workshop, plate="ABC123")}
    taken = await desk.client.post(
        f"{path}/status", json={"status": "in-progress"}, headers=workshop
    )
    assert taken.json()["contact"]["name"] == "Dana Smith"
    [found] = await listed(desk, workshop, plate="ABC123")
    assert found["vehicle"]["registration"]["plate"] == "ABC123"
    assert (
        await desk.client.get(path, headers=desk.workshop_headers(new_id("par")))
    ).status_code == 404


async def test_a_page_of_invoices_with_very_many_lines_has_fewer(desk: OrderDesk) -> None:
    """A hundred of 1,000 lines took 13 s, in half of which nobody else was answered."""
    account = new_id("par")
    for _ in range(4):
        await desk.ordered(account)
    async with desk.service.database.transaction() as work:
        await work.connection.execute(LONGER, {"partner": account})
    asked: dict[str, str] = {"limit": "3"}
    pages = []
    while True:
        answer = await desk.client.get("/v1/invoices", params=asked, headers=desk.partner(account))
        page = answer.json()
        pages.append([(each["id"], len(each["lines"])) for each in page["data"]])
        if page["next_cursor"] is None:
            break
        asked["cursor"] = page["next_cursor"]
    assert [[lines for _, lines in each] for each in pages] == [[900, 900], [900, 900]]
    ids = [invoice_id for each in pages for invoice_id, _ in each]
    assert ids == sorted(set(ids), reverse=True)
