"""Deals: what gathers orders until one invoice is made of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from infra.deals import close, closed, opened, ordered, place, quoted, read
from infra.invoices import check_sums, check_traces, invoices_of
from infra.orders import OrderDesk
from infra.running import read_topic
from infra.waiting import eventually
from shared.ids import new_id

Json = dict[str, Any]


@pytest.fixture
def account() -> str:
    return new_id("par")


async def canceled(desk: OrderDesk, account: str, order_id: str) -> None:
    answer = await desk.client.post(
        f"/v1/orders/{order_id}/cancel", json={"reason": "sold"}, headers=desk.partner(account)
    )
    assert answer.status_code == 200, answer.text


@pytest.mark.seed(6)
async def test_a_deal_is_opened_and_everyone_told(desk: OrderDesk, account: str) -> None:
    contact = {"name": "Alex Morgan", "email": "alex@dealer.example", "phone": "+61412345678"}
    deal = await opened(desk, account, contact=contact, currency="NZD")
    assert (deal["reference"], deal["status"], deal["currency"]) == ("DEAL-77", "open", "NZD")
    assert deal["contact"] == contact
    assert (await read(desk, account, deal))["contact"] == contact

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
    refused = await desk.client.post(f"{path}/close", json={}, headers=stranger)
    assert refused.status_code == 404
    assert (await desk.client.get(path, headers=desk.keys.headers("operator"))).is_success


@pytest.mark.seed(17)
async def test_a_deal_lists_its_pending_invoices_and_what_they_come_to(
    desk: OrderDesk, account: str
) -> None:
    deal = await opened(desk, account)
    first = await ordered(desk, account, deal, 1000, 500)
    second = await ordered(desk, account, deal, 70)
    found = await read(desk, account, deal)
    assert [each["order_id"] for each in found["pending_invoices"]] == [first["id"], second["id"]]
    assert {each["status"] for each in found["pending_invoices"]} == {"draft"}
    assert {each["number"] for each in found["pending_invoices"]} == {None}
    assert [(each["id"], each["billed"]) for each in found["orders"]] == [
        (first["id"], "deal"),
        (second["id"], "deal"),
    ]
    assert found["order_ids"] == [first["id"], second["id"]]
    assert [found[name]["amount"] for name in ("subtotal", "tax", "total")] == [1570, 157, 1727]
    assert found["invoice"] is None
    for invoice in found["pending_invoices"]:
        await check_traces(desk, invoice)


@pytest.mark.seed(18, 74)
async def test_the_final_invoice_has_every_order_and_each_cent_its_event(
    desk: OrderDesk, account: str
) -> None:
    contact = {"name": "Alex Morgan", "email": "alex@dealer.example", "phone": None}
    deal = await opened(desk, account, contact=contact)
    orders = [await ordered(desk, account, deal, 1000 * n, 33) for n in (1, 2, 3)]
    shut = await closed(desk, account, deal)
    final = shut["invoice"]
    assert (shut["status"], final["status"], final["deal_id"]) == ("closed", "open", deal["id"])
    assert (final["order_id"], final["contact"]) == (None, contact)
    assert final["total"] == final["amount_due"] == shut["total"]
    assert final["total"]["amount"] == sum(order["total"]["amount"] for order in orders)
    charged = {line["item_id"] for line in final["lines"]}
    assert charged == {line["id"] for order in orders for line in order["items"]}
    await check_traces(desk, final)
    gone = await invoices_of(desk, account, status="void")
    assert [each["rolled_into"] for each in gone] == [final["id"]] * 3
    [told] = [each for each in await desk.logged(deal["id"]) if each.type == "deal.closed"]
    assert told.sequence == 2
    assert told.data["order_ids"] == [order["id"] for order in orders]
    assert (told.data["invoice_id"], told.data["total"]) == (final["id"], final["total"])
    assert [each.type for each in await desk.logged(final["id"])] == ["invoice.created"]
    assert await read(desk, account, deal) == shut


@pytest.mark.seed(19)
async def test_a_quote_paid_by_card_is_listed_as_such_and_not_charged_again(
    desk: OrderDesk, account: str
) -> None:
    deal = await opened(desk, account)
    paid = await desk.ordered(account, deal_id=deal["id"])
    waits = await desk.quote(account, deal_id=deal["id"])
    order = await ordered(desk, account, deal, 500)
    found = await eventually(lambda: _with_quotes(desk, account, deal, 3))
    assert [(each["id"], each["status"], each["paid_separately"]) for each in found["quotes"]] == [
        (paid["quote_id"], "ordered", True),
        (waits.id, "awaiting-payment", False),
        (order["quote_id"], "ordered", False),
    ]
    assert [(each["order_id"], each["status"]) for each in found["separate_invoices"]] == [
        (paid["id"], "paid")
    ]
    assert {each["id"]: each["billed"] for each in found["orders"]} == {
        paid["id"]: "separately",
        order["id"]: "deal",
    }
    assert found["total"]["amount"] == 550
    shut = await closed(desk, account, deal)
    assert {line["order_id"] for line in shut["invoice"]["lines"]} == {order["id"]}
    assert shut["total"]["amount"] == 550
    assert (shut["quote_ids"], shut["order_ids"]) == ([paid["quote_id"]], [order["id"]])


async def _with_quotes(desk: OrderDesk, account: str, deal: Json, count: int) -> Json | None:
    found = await read(desk, account, deal)
    return found if len(found["quotes"]) == count else None


@pytest.mark.seed(21)
async def test_a_canceled_order_leaves_the_roll_up(desk: OrderDesk, account: str) -> None:
    deal = await opened(desk, account)
    stays = await ordered(desk, account, deal, 1000)
    goes = await ordered(desk, account, deal, 70)
    await canceled(desk, account, goes["id"])
    found = await read(desk, account, deal)
    assert [each["order_id"] for each in found["pending_invoices"]] == [stays["id"]]
    assert found["total"]["amount"] == 1100
    shut = await closed(desk, account, deal)
    assert {line["order_id"] for line in shut["invoice"]["lines"]} == {stays["id"]}
    assert {each["id"]: each["billed"] for each in shut["orders"]}[goes["id"]] == "nowhere"


@pytest.mark.seed(21, 74)
async def test_an_order_canceled_after_closing_is_credited_on_the_final_invoice(
    desk: OrderDesk, account: str
) -> None:
    deal = await opened(desk, account)
    await ordered(desk, account, deal, 1000)
    goes = await ordered(desk, account, deal, 70)
    final = (await closed(desk, account, deal))["invoice"]
    await canceled(desk, account, goes["id"])
    [after] = await invoices_of(desk, account, status="open")
    assert (after["id"], after["amount_due"]["amount"]) == (final["id"], 1100)
    [note] = after["credit_notes"]
    assert ({line["order_id"] for line in note["lines"]}, note["total"]["amount"]) == (
        {goes["id"]},
        77,
    )
    check_sums(note)
    await check_traces(desk, note)
    assert (await read(desk, account, deal))["total"]["amount"] == 1100


async def test_a_final_invoice_of_which_all_is_taken_back_is_void(
    desk: OrderDesk, account: str
) -> None:
    deal = await opened(desk, account)
    order = await ordered(desk, account, deal, 1000)
    final = (await closed(desk, account, deal))["invoice"]
    await canceled(desk, account, order["id"])
    [after] = [each for each in await invoices_of(desk, account) if each["id"] == final["id"]]
    assert (after["status"], after["amount_due"]["amount"], after["number"]) == (
        "void",
        0,
        final["number"],
    )
    assert [each.type for each in await desk.logged(final["id"])] == [
        "invoice.created",
        "invoice.voided",
    ]


async def test_an_empty_deal_closes_without_an_invoice(desk: OrderDesk, account: str) -> None:
    deal = await opened(desk, account)
    shut = await close(desk, account, deal)
    assert shut.status_code == 200, shut.text
    assert (shut.json()["invoice"], shut.json()["total"]["amount"]) == (None, 0)
    [_, told] = await desk.logged(deal["id"])
    assert (told.type, told.data["invoice_id"]) == ("deal.closed", None)


async def test_work_that_goes_on_keeps_a_deal_open_unless_it_is_included(
    desk: OrderDesk, account: str
) -> None:
    deal = await opened(desk, account)
    order = await ordered(desk, account, deal, 1000)
    refused = await close(desk, account, deal)
    assert (refused.status_code, refused.json()["code"]) == (409, "unfinished-orders")
    assert refused.json()["order_ids"] == [order["id"]]
    assert (await read(desk, account, deal))["status"] == "open"
    headers = desk.keys.headers("operator")
    for status in ("in-progress", "completed"):
        path = f"/v1/orders/{order['id']}/status"
        moved = await desk.client.post(path, json={"status": status}, headers=headers)
        assert moved.status_code == 200, moved.text
    assert (await close(desk, account, deal)).status_code == 200


@pytest.mark.seed(6)
async def test_a_closed_deal_takes_nothing_more(desk: OrderDesk, account: str) -> None:
    deal = await opened(desk, account)
    late = await quoted(desk, account, deal, 1000)
    await closed(desk, account, deal)
    refused = await place(desk, account, late)
    assert (refused.status_code, refused.json()["code"]) == (409, "deal-closed")
    again = await close(desk, account, deal)
    assert (again.status_code, again.json()["code"]) == (409, "deal-closed")


async def test_orders_that_race_with_the_closing_are_in_the_invoice_or_refused(
    desk: OrderDesk, account: str
) -> None:
    for delay in (0.0, 0.01, 0.03):
        deal = await opened(desk, account)
        quotes = [await quoted(desk, account, deal, 100) for _ in range(10)]
        await eventually(lambda deal=deal: _with_quotes(desk, account, deal, 10))

        async def shut(deal: Json = deal, delay: float = delay) -> None:
            await asyncio.sleep(delay)
            await closed(desk, account, deal)

        answers = await asyncio.gather(*(place(desk, account, each) for each in quotes), shut())
        orders = [each.json() for each in answers[:-1] if each.status_code == 201]
        refused = {each.json()["code"] for each in answers[:-1] if each.status_code != 201}
        assert refused <= {"deal-closed"}
        final = (await read(desk, account, deal))["invoice"]
        charged = final["lines"] if final else []
        assert {line["order_id"] for line in charged} == {order["id"] for order in orders}
        assert sum(line["total"]["amount"] for line in charged) == 110 * len(orders)


async def test_of_racing_closings_one_makes_the_invoice(desk: OrderDesk, account: str) -> None:
    deal = await opened(desk, account)
    await ordered(desk, account, deal, 100)
    answers = await asyncio.gather(
        *(close(desk, account, deal, include_unfinished=True) for _ in range(8))
    )
    assert Counter(each.status_code for each in answers) == {200: 1, 409: 7}
    [final] = await invoices_of(desk, account, status="open", deal_id=deal["id"])
    assert [each.type for each in await desk.logged(final["id"])] == ["invoice.created"]


async def test_a_canceling_that_races_with_the_closing_is_never_charged(
    desk: OrderDesk, account: str
) -> None:
    for delay in (0.0, 0.005, 0.01, 0.02):
        deal = await opened(desk, account)
        stays = await ordered(desk, account, deal, 100)
        goes = await ordered(desk, account, deal, 7000)

        async def cancel(order_id: str = goes["id"], delay: float = delay) -> None:
            await asyncio.sleep(delay)
            await canceled(desk, account, order_id)

        await asyncio.gather(closed(desk, account, deal), cancel())
        found = await read(desk, account, deal)
        assert found["total"]["amount"] == stays["total"]["amount"]
        assert found["invoice"]["amount_due"]["amount"] == stays["total"]["amount"]
