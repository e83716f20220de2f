"""How what needs more than examples succeeds: accounts and their tokens."""

from __future__ import annotations

from conformance.calls import Call, prepares
from conformance.household import Household


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
