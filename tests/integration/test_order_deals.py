"""Deals: what gathers orders until one invoice is made of them."""

from __future__ import annotations

from typing import Any

import pytest

from infra.orders import OrderDesk
from infra.running import read_topic
from infra.waiting import eventually
from shared.ids import new_id


@pytest.fixture
def account() -> str:
    return new_id("par")


async def opened(desk: OrderDesk, account: str, **more: Any) -> dict[str, Any]:
    answer = await desk.client.post(
        "/v1/deals", json={"reference": "DEAL-77"} | more, headers=desk.partner(account)
    )
    assert answer.status_code == 201, answer.text
    deal: dict[str, Any] = answer.json()
    assert answer.headers["Location"] == f"/v1/deals/{deal['id']}"
    return deal


@pytest.mark.seed(6)
async def test_a_deal_is_opened_and_everyone_told(desk: OrderDesk, account: str) -> None:
    contact = {"name": "Alex Morgan", "email": "alex@dealer.example", "phone": "+61412345678"}
    deal = await opened(desk, account, contact=contact, currency="NZD")
    assert (deal["reference"], deal["status"], deal["currency"]) == ("DEAL-77", "open", "NZD")
    assert deal["contact"] == contact
    read = await desk.client.get(f"/v1/deals/{deal['id']}", headers=desk.partner(account))
    assert read.json().items() >= deal.items()

    async def told() -> list[Any]:
        events = await read_topic(desk.settings, "order.events", 1)
        return [each for each in events if each.subject == deal["id"]]

    [event] = await eventually(told)
    assert (event.type, event.sequence, event.partner_id) == ("deal.created", 1, account)
    assert '"reference":"DEAL-77"' in event.data


async def test_a_deal_without_a_currency_has_the_usual_one(desk: OrderDesk, account: str) -> None:
    assert (await opened(desk, account))["currency"] == "AUD"


async def test_deals_are_listed_newest_first_and_by_reference(
    desk: OrderDesk, account: str
) -> None:
    ids = [(await opened(desk, account, reference=f"D-{n}"))["id"] for n in range(3)]
    headers = desk.partner(account)
    first = (await desk.client.get("/v1/deals?limit=2", headers=headers)).json()
    rest = await desk.client.get(
        "/v1/deals", params={"limit": 2, "cursor": first["next_cursor"]}, headers=headers
    )
    assert [deal["id"] for deal in first["data"] + rest.json()["data"]] == ids[::-1]
    named = await desk.client.get("/v1/deals?reference=D-1&status=open", headers=headers)
    assert [deal["id"] for deal in named.json()["data"]] == [ids[1]]


@pytest.mark.seed(33)
async def test_a_deal_is_its_partners_alone(desk: OrderDesk, account: str) -> None:
    deal = await opened(desk, account)
    path, stranger = f"/v1/deals/{deal['id']}", desk.partner(new_id("par"))
    assert (await desk.client.get(path, headers=stranger)).status_code == 404
    assert (await desk.client.get("/v1/deals", headers=stranger)).json()["data"] == []
    assert (await desk.client.get(path, headers=desk.keys.headers("operator"))).is_success
