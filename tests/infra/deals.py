"""Deals, and orders that are rolled up into their invoice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx

from infra.invoices import check_sums
from infra.orders import OrderDesk
from services.order.domain.order import Action, Announcement, Order, ServiceEvent, Status, act
from services.order.domain.terms import Line, Terms, Vehicle
from services.order.handlers.deals import hold_open
from services.order.handlers.recording import record
from services.order.repository import orders
from services.order.repository.orders import SYSTEM
from shared.ids import new_id
from shared.money import Money
from shared.service import Service

Json = dict[str, Any]


async def opened(desk: OrderDesk, account: str, **more: Any) -> Json:
    """Open a deal."""
    answer = await desk.client.post(
        "/v1/deals", json={"reference": "DEAL-77"} | more, headers=desk.partner(account)
    )
    assert answer.status_code == 201, answer.text
    deal: Json = answer.json()
    assert answer.headers["Location"] == f"/v1/deals/{deal['id']}"
    return deal


async def read(desk: OrderDesk, account: str, deal: Json) -> Json:
    """Read a deal with all that stands on it."""
    answer = await desk.client.get(f"/v1/deals/{deal['id']}", headers=desk.partner(account))
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    for invoice in (*found["pending_invoices"], *found["separate_invoices"]):
        check_sums(invoice)
    return found


async def close(desk: OrderDesk, account: str, deal: Json, **body: Any) -> httpx.Response:
    """Close a deal."""
    return await desk.client.post(
        f"/v1/deals/{deal['id']}/close", json=body, headers=desk.partner(account)
    )


async def closed(desk: OrderDesk, account: str, deal: Json) -> Json:
    """Close a deal, whatever isn't finished."""
    answer = await close(desk, account, deal, include_unfinished=True)
    assert answer.status_code == 200, answer.text
    shut: Json = answer.json()
    if shut["invoice"]:
        check_sums(shut["invoice"])
    return shut


async def ordered(service: Service, account: str, deal: Json, *prices: int) -> Order:
    """Place an order of lines at these prices that nobody pays now: it is the deal's."""
    lines = tuple(
        Line(new_id("itm"), "wash", f"Work {place}", 1, None, _aud(price), _aud(price // 10))
        for place, price in enumerate(prices, 1)
    )
    async with service.database.transaction() as work:
        await hold_open(work, account, deal["id"], "AUD")
        order = Order(
            id=new_id("ord"),
            partner_id=account,
            status=Status.AWAITING_PAYMENT,
            terms=Terms("reconditioning", "AUD", Vehicle(vin="1HGCM82633A004352"), lines),
            created_at=work.now,
            deal_id=deal["id"],
        )
        await orders.add(work.connection, order)
        placed, _ = act(order, Action.CONFIRM, work.now)
        unpaid = replace(placed, paid=False)
        told = ServiceEvent(Announcement.CREATED, unpaid, ())
        await record(work, order, unpaid, (told,), SYSTEM)
    return unpaid


def _aud(amount: int) -> Money:
    return Money(amount, "AUD")
