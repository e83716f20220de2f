"""How what needs more than examples succeeds: webhooks and mails."""

from __future__ import annotations

from typing import Any

from conformance.calls import Call, prepares
from conformance.household import Household
from conformance.mail_servers import bounce
from infra.waiting import eventually
from shared.ids import new_id


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
        asked: dict[str, Any] = {"limit": 100}
        while True:
            answer = await of.platform.client.get("/v1/events", params=asked, headers=of.own)
            page = answer.json()
            for each in page["data"]:
                if address in str(each["data"]):
                    return str(each["id"])
            if page["next_cursor"] is None:
                return None
            asked["after"] = page["next_cursor"]

    answer = await of.platform.client.post(
        "/v1/bounces", content=bounce(address, await eventually(told)), headers=of.operator
    )
    assert answer.is_success, answer.text
    return Call(ids={"address": address})
