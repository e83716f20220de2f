from __future__ import annotations

import asyncio
import statistics
import time
from datetime import timedelta

import httpx

from infra.partnering import Logins, log_in, new_login, renew, try_login
from shared.shift import ShiftedClock


async def test_failures_are_throttled_by_client_until_the_window_is_over(
    partner_http: httpx.AsyncClient, logins: Logins, partner_clock: ShiftedClock
) -> None:
    login = await new_login(partner_http, logins)
    token = (await log_in(partner_http, login))["refresh_token"]
    wrong = login | {"client_secret": "wrong"}
    statuses = [(await try_login(partner_http, wrong)).status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]
    refused = await try_login(partner_http, login)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 300
    assert (await renew(partner_http, token)).status_code == 200
    partner_clock.advance(timedelta(minutes=5, seconds=1))
    assert (await try_login(partner_http, login)).status_code == 200


async def test_guesses_made_at_once_are_counted_as_those_one_after_the_other(
    partner_http: httpx.AsyncClient,
) -> None:
    nobody = {"client_id": "cli_hasty", "client_secret": "guess"}
    answers = await asyncio.gather(*(try_login(partner_http, nobody) for _ in range(40)))
    statuses = [answer.status_code for answer in answers]
    # Two are checked at a time, so the tenth failure can have one beside it.
    assert statuses.count(401) in (10, 11)
    assert set(statuses) == {401, 429}


async def test_an_unknown_client_is_refused_as_slowly_as_a_known_one(
    partner_http: httpx.AsyncClient, logins: Logins
) -> None:
    known = (await new_login(partner_http, logins)) | {"client_secret": "wrong"}
    unknown = {"client_id": "cli_unknown", "client_secret": "wrong"}

    async def took(login: dict[str, str]) -> float:
        began = time.perf_counter()
        assert (await try_login(partner_http, login)).status_code == 401
        return time.perf_counter() - began

    await took(unknown)  # its first time makes the hash that is checked in vain
    pairs = [(await took(known), await took(unknown)) for _ in range(5)]
    # Without the hash it would take a tenth of the time.
    assert statistics.median(unknown / known for known, unknown in pairs) > 0.5
