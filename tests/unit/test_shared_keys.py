"""Keys fetched over HTTP, from a server that may be slow, wrong, or not there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import web
from joserfc.jwk import ECKey, KeySet

from roadworthy.embedded.ports import LOOPBACK
from shared.auth import Tokens
from shared.clock import SystemClock
from shared.keys import JwksUrl
from shared.problems import Problem

KEY = ECKey.generate_key("P-256", {"kid": "ours"}, auto_kid=False)
GOOD = KeySet([KEY]).as_dict(private=False)


class Partner:
    """A server whose answer can be chosen."""

    def __init__(self) -> None:
        self.asked = 0
        self.answer: web.Response | None = web.json_response(GOOD)
        self.url = ""
        self.closing = asyncio.Event()

    async def serve(self, _: web.Request) -> web.StreamResponse:
        self.asked += 1
        if self.answer is None:
            await self.closing.wait()
            return web.Response(status=503)
        return web.Response(
            body=self.answer.body, status=self.answer.status, headers=self.answer.headers
        )


async def good(_: web.Request) -> web.Response:
    return web.json_response(GOOD)


@pytest_asyncio.fixture
async def partner() -> AsyncIterator[Partner]:
    made, app = Partner(), web.Application()
    app.router.add_get("/.well-known/jwks.json", made.serve)
    app.router.add_get("/good", good)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, LOOPBACK, 0)
    await site.start()
    [(_, port)] = runner.addresses
    made.url = f"http://{LOOPBACK}:{port}/.well-known/jwks.json"
    yield made
    made.closing.set()
    await runner.cleanup()


@pytest.fixture
def source(partner: Partner) -> JwksUrl:
    return JwksUrl(partner.url)


def old(source: JwksUrl, seconds: float) -> None:
    source._fetched -= seconds


async def test_keys_are_fetched_once_and_again_when_they_are_old(
    partner: Partner, source: JwksUrl
) -> None:
    for _ in range(3):
        assert [key.kid for key in (await source.keys()).keys] == ["ours"]
    assert partner.asked == 1
    old(source, 301)
    await source.keys()
    assert partner.asked == 2


async def test_an_unknown_key_has_them_fetched_but_not_at_every_guess(
    partner: Partner, source: JwksUrl
) -> None:
    await source.keys()
    for _ in range(10):
        await source.keys(unknown=True)
    assert partner.asked == 1
    old(source, 6)
    for _ in range(10):
        await source.keys(unknown=True)
    assert partner.asked == 2


WRONG = {
    "an error": web.Response(status=500),
    "a redirect": web.Response(status=302, headers={"Location": "/good"}),
    "no JSON": web.Response(text="<html>", content_type="text/html"),
    "cut off": web.Response(text='{"keys": [', content_type="application/json"),
    "no keys": web.json_response({}),
    "another shape": web.json_response(["keys"]),
    "a key that is none": web.json_response({"keys": [{"kty": "EC", "crv": "P-256"}]}),
    "no answer": None,
}


@pytest.mark.parametrize("answer", WRONG.values(), ids=WRONG)
async def test_without_keys_a_caller_is_asked_to_come_again(
    partner: Partner,
    source: JwksUrl,
    answer: web.Response | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.keys.FETCH_SECONDS", 0.3)
    partner.answer = answer
    tokens = Tokens(source, SystemClock(), issuer="i", audience="a")
    with pytest.raises(Problem) as problem:
        await tokens.caller("e30.e30.e30")
    assert (problem.value.status, problem.value.code) == (503, "unavailable")
    assert "Retry-After" in problem.value.headers
    partner.answer = web.json_response(GOOD)
    assert await source.keys()


@pytest.mark.parametrize("answer", WRONG.values(), ids=WRONG)
async def test_old_keys_outlive_an_outage(
    partner: Partner,
    source: JwksUrl,
    answer: web.Response | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.keys.FETCH_SECONDS", 0.3)
    before = await source.keys()
    partner.answer = answer
    old(source, 301)
    assert await source.keys() is before


async def test_nobody_listens_there() -> None:
    with pytest.raises(OSError, match="no keys"):
        await JwksUrl(f"http://{LOOPBACK}:9/").keys()
