"""How what needs more than examples succeeds: bookings and what follows them."""

from __future__ import annotations

from datetime import UTC, datetime

from conformance.calls import Call, prepares
from conformance.household import VISIT, Household
from shared.ids import new_id


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
