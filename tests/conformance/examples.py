"""How each operation succeeds, where its document's examples alone can't make it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from conformance.household import (
    ALL_WEEK,
    FAULT,
    JPEG,
    MORE_WORK,
    QUOTE,
    VISIT,
    WORKSHOP,
    Household,
    bounce,
)
from conformance.operations import Operation
from conformance.samples import sample
from infra.waiting import eventually
from shared.ids import new_id

Headers = Mapping[str, str]


@dataclass(frozen=True)
class Call:
    """One call of an operation: the ids in its path, its query and its body."""

    ids: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    content: bytes | None = None
    by_operator: bool = False
    """Whether that answer is only an operator's, though others may call the operation."""

    def request(self, operation: Operation, ids: Mapping[str, str]) -> dict[str, Any]:
        """Say it to an HTTP client; ids that the call hasn't are those given."""
        try:
            path = operation.path.format_map({**ids, **self.ids})
        except KeyError as unknown:
            raise LookupError(
                f"{operation}: nobody has a {unknown}. Have Household.settle() make one."
            ) from None
        asked: dict[str, Any] = {"method": operation.method, "url": path, "params": self.query}
        if self.content is not None:
            return asked | {"content": self.content}
        return asked | ({"json": self.body} if operation.takes_json else {})


Prepare = Callable[[Household], Awaitable[Call]]

PREPARED: dict[str, Prepare] = {}
"""By `METHOD path`, or `METHOD path status` for a success that isn't the usual one."""


def prepares(*names: str) -> Callable[[Prepare], Prepare]:
    """Register how to prepare an operation's success."""

    def register(prepare: Prepare) -> Prepare:
        PREPARED.update(dict.fromkeys(names, prepare))
        return prepare

    return register


async def example(operation: Operation, household: Household, status: int | None = None) -> Call:
    """Prepare a call that succeeds, of its usual status or of another that is documented."""
    usual = status is None or status == operation.successes[0]
    name = str(operation) if usual else f"{operation} {status}"
    if name in PREPARED:
        return await PREPARED[name](household)
    if not usual:
        raise LookupError(f"Add {name!r} to tests/conformance/examples.py: how to get that answer.")
    query = {
        each["name"]: sample(operation, each["schema"], household.ids, f"/{each['name']}")
        for each in operation.parameters("query")
        if each.get("required")
    }
    if not operation.takes_json:
        return Call(query=query)
    return Call(query=query, body=sample(operation, operation.body_schema, household.ids))


async def refusable(operation: Operation, household: Household) -> Call:
    """Prepare a call that is to be refused: one that succeeded before will do."""
    known: dict[str, Call] = household.remembered
    if str(operation) not in known:
        known[str(operation)] = await example(operation, household)
    return known[str(operation)]


@prepares("POST /v1/auth/token")
async def _log_in(of: Household) -> Call:
    return Call(body={"grant_type": "client_credentials", **of.login})


@prepares("POST /v1/auth/revoke")
async def _log_out(of: Household) -> Call:
    answer = await of.platform.client.post(
        "/v1/auth/token", json={"grant_type": "client_credentials", **of.login}
    )
    return Call(body={"token": answer.json()["refresh_token"], **of.login})


@prepares("DELETE /v1/partners/{partner_id}/clients/{client_id}")
async def _revoke_client(of: Household) -> Call:
    return Call(ids={"client_id": (await of.client())["id"]})


@prepares("POST /v1/quotes")
async def _ask(of: Household) -> Call:
    return Call(body=QUOTE | {"items": [{"service": "detailing"}, FAULT]})


@prepares("POST /v1/quotes/{quote_id}/price")
async def _price(of: Household) -> Call:
    quote = await of.quote(FAULT)
    line = {"item_id": quote["items"][0]["id"], "labour_hours": "1.5", "tax_rate": "0.10"}
    body = {"items": [line | {"hourly_rate": {"amount": 12000, "currency": "AUD"}}]}
    return Call(ids={"quote_id": quote["id"]}, body=body)


@prepares("POST /v1/quotes/{quote_id}/revise")
async def _revise(of: Household) -> Call:
    items = [{"service": "detailing", "quantity": 2}, FAULT]
    return Call(ids={"quote_id": (await of.quote())["id"]}, body={"items": items})


@prepares("PATCH /v1/quotes/{quote_id}/items/{item_id}")
async def _decide_line(of: Household) -> Call:
    quote = await of.quote()
    ids = {"quote_id": quote["id"], "item_id": quote["items"][0]["id"]}
    by = {"name": "Dana Reyes", "how": "phone"}
    return Call(ids=ids, body={"authorization": "authorized", "authorized_by": by})


@prepares("POST /v1/quotes/{quote_id}/decline")
async def _decline(of: Household) -> Call:
    return Call(ids={"quote_id": (await of.quote())["id"]}, body={"reason": "sold as it is"})


@prepares("PUT /v1/rate-cards/{service}")
async def _rate_card(of: Household) -> Call:
    amount = {"amount": 12000, "currency": "AUD"}
    rate = {"labour_hours": "1.5", "tax_rate": "0.10", "hourly_rate": amount}
    rates = [rate | {"parts": amount, "fees": amount}]
    own = {"workshop_id": of.ids["workshop_id"]}
    body = {"title": "Wrapping", "rates": rates}
    return Call(ids={"service": "wrapping"}, query=own, body=body)


@prepares("POST /v1/rate-cards/import")
async def _import(of: Household) -> Call:
    heading = "service,workshop_id,title,labour_hours,hourly_rate,currency,tax_rate"
    row = f"imported,{of.ids['workshop_id']},Imported,1.5,145.00,AUD,0.10"
    return Call(content=f"{heading}\r\n{row}\r\n".encode())


@prepares("PUT /v1/taxes/{jurisdiction}")
async def _taxes(of: Household) -> Call:
    return Call(ids={"jurisdiction": "NZ"}, body={"taxes": [{"tax_rate": "0.15"}]})


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


@prepares("POST /v1/deals/{deal_id}/close")
async def _close_deal(of: Household) -> Call:
    return Call(ids={"deal_id": (await of.deal())["id"]}, body={})


@prepares("POST /v1/invoices/{invoice_id}/pay")
async def _pay_invoice(of: Household) -> Call:
    body = {"payment": {"method": "card", "token": "tok_visa"}}
    return Call(ids={"invoice_id": await of.open_invoice()}, body=body)


@prepares("POST /v1/invoices/{invoice_id}/pay 202")
async def _pay_invoice_slowly(of: Household) -> Call:
    body = {"payment": {"method": "card", "token": "tok_action_required"}}
    return Call(ids={"invoice_id": await of.open_invoice()}, body=body)


@prepares("POST /v1/invoices/{invoice_id}/pay 200")
async def _record_transfer(of: Household) -> Call:
    body = {"method": "bank-transfer", "reference": "ANZ 118"}
    return Call(ids={"invoice_id": await of.open_invoice()}, body=body, by_operator=True)


@prepares("POST /v1/invoices/{invoice_id}/void")
async def _void_invoice(of: Household) -> Call:
    return Call(ids={"invoice_id": await of.open_invoice()}, body={"reason": "Issued twice."})


@prepares("POST /v1/invoices/{invoice_id}/credit-notes")
async def _credit_invoice(of: Household) -> Call:
    return Call(ids={"invoice_id": await of.open_invoice()}, body={"reason": "Late."})


@prepares("PUT /v1/workshops/{workshop_id}/hours")
async def _open_all_week(of: Household) -> Call:
    return Call(body=ALL_WEEK)


@prepares("POST /v1/workshops/{workshop_id}/services")
async def _offer(of: Household) -> Call:
    body = {"title": "Oil change", "category": "maintenance", "duration": "PT1H"}
    return Call(body=body | {"code": new_id("svc")})


@prepares("PATCH /v1/workshops/{workshop_id}")
async def _change_workshop(of: Household) -> Call:
    """Change one that nobody books at: its rules would be in the way of others' bookings."""
    made = await of.post("/v1/workshops", WORKSHOP)
    return Call(ids={"workshop_id": made["id"]}, body={"name": "Harbour Motors"})


@prepares("PATCH /v1/workshops/{workshop_id}/services/{service_id}")
async def _offer_otherwise(of: Household) -> Call:
    return Call(body={"title": "Oil and filter", "duration": "PT45M"})


@prepares("DELETE /v1/workshops/{workshop_id}/special-days/{date}")
async def _usual_day(of: Household) -> Call:
    return Call(ids={"date": await of.special_day()})


@prepares("PATCH /v1/workshops/{workshop_id}/closures/{closure_id}")
async def _close_otherwise(of: Household) -> Call:
    return Call(body={"reason": "Stocktake"})


@prepares("POST /v1/workshops/{workshop_id}/closures")
async def _close(of: Household) -> Call:
    return Call(body=of.day_off())


@prepares("DELETE /v1/workshops/{workshop_id}/closures/{closure_id}")
async def _reopen(of: Household) -> Call:
    return Call(ids={"closure_id": (await of.closure())["id"]})


@prepares("POST /v1/workshops/{workshop_id}/calendars/{calendar_id}/rotate")
@prepares("DELETE /v1/workshops/{workshop_id}/calendars/{calendar_id}")
async def _take_calendar(of: Household) -> Call:
    return Call(ids={"calendar_id": (await of.calendar())["id"]})


@prepares("POST /v1/sandbox/clock")
async def _go_on(of: Household) -> Call:
    return Call(body={"advance": "PT1S"})


@prepares("POST /v1/bookings")
async def _book(of: Household) -> Call:
    return Call(body=of.visit())


@prepares("POST /v1/bookings 200")
async def _book_twice(of: Household) -> Call:
    visit = of.visit() | {"external_reference": new_id("ref")}
    await of.post("/v1/bookings", visit)
    return Call(body=visit)


@prepares("POST /v1/holds")
async def _hold(of: Household) -> Call:
    return Call(body=of.slot())


@prepares("DELETE /v1/holds/{hold_id}")
async def _release(of: Household) -> Call:
    return Call(ids={"hold_id": (await of.hold())["id"]})


@prepares("POST /v1/bookings/{booking_id}/reschedule")
async def _reschedule(of: Household) -> Call:
    body = {"drop_off_at": of.slot()["drop_off_at"]}
    return Call(ids={"booking_id": (await of.booking())["id"]}, body=body)


@prepares("POST /v1/booking-series")
async def _book_series(of: Household) -> Call:
    return Call(body=of.visit() | {"rrule": "FREQ=DAILY;INTERVAL=30;COUNT=2"})


@prepares("POST /v1/reminders")
async def _remind(of: Household) -> Call:
    return Call(body={"customer_id": of.ids["customer_id"]})


@prepares("GET /v1/reports/partner")
async def _report(of: Household) -> Call:
    day = datetime.now(UTC).date().isoformat()
    return Call(query={"from": day, "to": day})


@prepares("GET /v1/service-history")
async def _history(of: Household) -> Call:
    return Call(query={"plate": VISIT["car"]["registration"]["plate"]})


@prepares("POST /v1/bookings/{booking_id}/status")
async def _work_on(of: Household) -> Call:
    return Call(ids={"booking_id": (await of.booking())["id"]}, body={"status": "processing"})


@prepares("POST /v1/webhook-endpoints")
async def _register(of: Household) -> Call:
    return Call(body=of.subscription())


@prepares("DELETE /v1/webhook-endpoints/{endpoint_id}")
async def _remove(of: Household) -> Call:
    return Call(ids={"endpoint_id": (await of.endpoint())["id"]})


@prepares("POST /v1/webhook-endpoints/{endpoint_id}/retry")
async def _retry_since(of: Household) -> Call:
    return Call(body={"since": "2026-01-01T00:00:00Z"})


@prepares("POST /v1/webhook-endpoints/{endpoint_id}/replay")
async def _replay(of: Household) -> Call:
    """To an endpoint of its own: one replay at a time goes to each."""
    return Call(ids={"endpoint_id": (await of.endpoint())["id"]}, body={})


@prepares("POST /v1/webhook-endpoints/{endpoint_id}/replay 200")
async def _replay_dry(of: Household) -> Call:
    return Call(body={"dry_run": True})


@prepares("POST /v1/erasures")
async def _erase(of: Household) -> Call:
    return Call(body={"email": f"{new_id('cli')}@nobody.example"})


@prepares("PUT /v1/brands/{partner_id}")
async def _brand(of: Household) -> Call:
    return Call(body={"name": "Harbour Motors", "colour": "#0b5fff", "language": "de"})


@prepares("POST /v1/bounces")
async def _bounce(of: Household) -> Call:
    return Call(content=bounce("nobody@nowhere.example", "none"))


@prepares("DELETE /v1/suppressions/{address}")
async def _lift(of: Household) -> Call:
    address = f"{new_id('cli')}@nowhere.example"
    await of.post("/v1/bookings", of.visit() | {"customer": {"name": "Sam", "email": address}})

    async def told() -> str | None:
        answer = await of.platform.client.get("/v1/events?limit=100", headers=of.own)
        about = [each["id"] for each in answer.json()["data"] if address in str(each["data"])]
        return about[0] if about else None

    answer = await of.platform.client.post(
        "/v1/bounces", content=bounce(address, await eventually(told)), headers=of.operator
    )
    assert answer.is_success, answer.text
    return Call(ids={"address": address})
