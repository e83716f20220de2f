from __future__ import annotations

from datetime import datetime, timedelta

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from infra.partnering import Logins, bearer, log_in
from infra.running import client_of
from infra.waiting import eventually
from services.partner.keyring import KeysUnreadable
from services.partner.main import build
from services.partner.settings import PartnerSettings
from shared.shift import ShiftedClock


async def signer_of(client: httpx.AsyncClient, logins: Logins) -> str:
    token = (await log_in(client, logins["partner"]))["access_token"]
    document = (await client.get("/.well-known/jwks.json")).json()
    return str(jwt.decode(token, KeySet.import_key_set(document), ["ES256"]).header["kid"])


async def published(client: httpx.AsyncClient) -> list[str]:
    return [key["kid"] for key in (await client.get("/.well-known/jwks.json")).json()["keys"]]


async def test_a_new_key_is_published_before_it_signs_and_the_old_one_verifies_after(
    partner_http: httpx.AsyncClient,
    logins: Logins,
    partner_settings: PartnerSettings,
    partner_clock: ShiftedClock,
) -> None:
    old = await signer_of(partner_http, logins)
    before = await bearer(partner_http, logins["operator"])
    keyed = before | {"Idempotency-Key": "quarterly"}
    another = build(partner_settings, clock=partner_clock)
    async with client_of(another) as other_http:
        assert await published(other_http) == [old]

        rotated = await partner_http.post("/v1/auth/keys/rotate", headers=keyed)
        again = await partner_http.post("/v1/auth/keys/rotate", headers=keyed)
        assert rotated.content == again.content  # repeated, and no third key
        new = rotated.json()["kid"]
        assert datetime.fromisoformat(rotated.json()["signs_from"]) > partner_clock.now()
        assert await published(partner_http) == [new, old]
        assert await signer_of(partner_http, logins) == old

        async def told() -> bool:
            return await published(other_http) == [new, old]

        assert await eventually(told)
        partner_clock.advance(timedelta(minutes=5, seconds=1))
        assert await signer_of(partner_http, logins) == new
        assert await signer_of(other_http, logins) == new
        assert (await other_http.get("/v1/partners", headers=before)).status_code == 200
    await another.stop()

    partner_clock.advance(timedelta(days=1))
    retired = build(partner_settings, clock=partner_clock)
    async with client_of(retired) as later_http:
        assert await published(later_http) == [new]
    await retired.stop()


async def test_the_wrong_password_is_told_at_the_start(
    partner_http: httpx.AsyncClient, logins: Logins, partner_settings: PartnerSettings
) -> None:
    assert await signer_of(partner_http, logins)
    wrong = partner_settings.model_copy(
        update={"signing_keys_password": type(partner_settings.signing_keys_password)("q" * 32)}
    )
    service = build(wrong)
    with pytest.raises(KeysUnreadable, match="signing_keys_password"):
        await service.parts["keys"].start()
    await service.stop()
