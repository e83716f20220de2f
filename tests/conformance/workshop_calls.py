"""How what needs more than examples succeeds: workshops and what they offer."""

from __future__ import annotations

from conformance.calls import Call, prepares
from conformance.household import ALL_WEEK, WORKSHOP, Household
from shared.ids import new_id


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
