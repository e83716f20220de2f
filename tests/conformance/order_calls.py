"""How what needs more than examples succeeds: orders, their payments and their work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from conformance.calls import Call, prepares
from conformance.household import JPEG, MORE_WORK, Household


@prepares("POST /v1/orders")
async def _buy(of: Household) -> Call:
    return Call(body=of.purchase((await of.quote())["id"]))


@prepares("POST /v1/orders 202")
async def _buy_slowly(of: Household) -> Call:
    return Call(body=of.purchase((await of.quote())["id"], "tok_action_required"))


@prepares("POST /v1/orders/{order_id}/payments")
async def _pay_again(of: Household) -> Call:
    ids = {"order_id": await of.unpaid_order()}
    return Call(ids=ids, body={"method": "card", "token": "tok_visa"})


@prepares("POST /v1/orders/{order_id}/payments 202")
async def _pay_again_slowly(of: Household) -> Call:
    ids = {"order_id": await of.unpaid_order()}
    return Call(ids=ids, body={"method": "card", "token": "tok_action_required"})


@prepares("POST /v1/orders/{order_id}/status")
async def _begin_work(of: Household) -> Call:
    return Call(ids={"order_id": await of.worked_order()}, body={"status": "in-progress"})


@prepares("POST /v1/orders/{order_id}/cancel")
async def _cancel(of: Household) -> Call:
    return Call(ids={"order_id": await of.worked_order()}, body={"reason": "sold as it is"})


@prepares("POST /v1/orders/{order_id}/schedule")
async def _put_off(of: Household) -> Call:
    at = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    return Call(ids={"order_id": await of.worked_order()}, body={"start_at": at})


@prepares("POST /v1/orders/{order_id}/supplements")
async def _find_more(of: Household) -> Call:
    return Call(ids={"order_id": await of.worked_order()}, body=MORE_WORK)


@prepares("POST /v1/orders/{order_id}/supplements/{supplement_id}/authorize")
@prepares("POST /v1/orders/{order_id}/supplements/{supplement_id}/decline")
@prepares("POST /v1/orders/{order_id}/supplements/{supplement_id}/withdraw")
async def _decide(of: Household) -> Call:
    return Call(ids=await of.asked_for(), body={"note": "as you say"})


@prepares("POST /v1/orders/{order_id}/items/{item_id}/status")
async def _work_on_line(of: Household) -> Call:
    order = await of.started_order()
    ids = {"order_id": order["id"], "item_id": order["items"][0]["id"]}
    return Call(ids=ids, body={"status": "in-progress"})


@prepares("POST /v1/orders/{order_id}/refunds")
async def _refund(of: Household) -> Call:
    body = {"amount": {"amount": 100, "currency": "AUD"}, "reason": "scratched"}
    return Call(ids={"order_id": await of.worked_order()}, body=body)


@prepares("POST /v1/sandbox/payments/{payment_id}/authenticate")
async def _authenticate(of: Household) -> Call:
    order = await of.order("tok_action_required")
    return Call(ids={"payment_id": order["payment"]["id"]})


@prepares("POST /v1/orders/{order_id}/attachments")
async def _attach(of: Household) -> Call:
    return Call(query={"filename": "front.jpg"}, content=JPEG)


@prepares("DELETE /v1/orders/{order_id}/attachments/{attachment_id}")
async def _take_away(of: Household) -> Call:
    return Call(ids={"attachment_id": (await of.attachment())["id"]})


@prepares("POST /v1/orders/{order_id}/corrections")
async def _correct(of: Household) -> Call:
    order_id = (await of.started_order())["id"]
    began = (await of.history(order_id))[-1]
    body = {"position": began["position"], "at": began["at"], "reason": "As it was."}
    return Call(ids={"order_id": order_id}, body=body)


@prepares("GET /v1/reports/stages")
async def _report(of: Household) -> Call:
    return Call(query={"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z"})
