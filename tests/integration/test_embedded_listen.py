"""`roadworthy listen --forward-to`: webhooks handed on to the byte, and what is said of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import pytest
import pytest_asyncio
import standardwebhooks
from aiohttp import web

from infra.receiver import Receiver, receiving, status
from roadworthy import forwarding
from roadworthy.embedded.errors import PartError
from roadworthy.embedded.ports import LOOPBACK, bind
from roadworthy.forwarding import Forwarding
from roadworthy.listen import line, told
from roadworthy.receiver import Receiver as Listener
from services.notifier.domain.signature import signed_headers, written

SECRET = bytes(range(32))
EVENT_ID = "019b0540-0000-7000-8000-000000000001"
BODY = (
    b'{"type":"service.updated","timestamp":"2026-12-01T06:00:00Z","data":{"status":"delayed"},'
    b'"sequence":2,"subject":"ord_1"}'
)


@pytest_asyncio.fixture
async def program() -> AsyncIterator[Receiver]:
    """A developer's program."""
    async with receiving() as made:
        yield made


@pytest_asyncio.fixture
async def listener(program: Receiver) -> AsyncIterator[Listener]:
    """What `roadworthy listen` has at its port."""
    async with forwarding.session() as session:
        made = Listener(secret=written(SECRET), forward=Forwarding(program.url, session))
        app = web.Application()
        app.router.add_route("*", "/", made.handle)
        runner = web.AppRunner(app)
        await runner.setup()
        bound = bind(LOOPBACK, 0)
        made.url = f"http://{LOOPBACK}:{bound.getsockname()[1]}/"
        await web.SockSite(runner, bound).start()
        yield made
        await runner.cleanup()


async def deliver(listener: Listener, body: bytes = BODY) -> int:
    """Deliver a webhook as the platform does; return the status of the answer."""
    signed = signed_headers(EVENT_ID, datetime.now(UTC), BODY, [SECRET])
    headers = {**signed, "content-type": "application/json"}
    async with (
        aiohttp.ClientSession() as session,
        session.put(listener.url, data=body, headers=headers) as answer,
    ):
        return answer.status


@pytest.mark.seed(27)
async def test_a_webhook_goes_on_as_it_came_and_its_answer_comes_back(
    listener: Listener, program: Receiver
) -> None:
    program.answers = [status(503)]
    assert [await deliver(listener), await deliver(listener)] == [503, 204]

    first, _ = program.requests
    assert (first.method, first.path, first.body) == ("PUT", "/hooks", BODY)
    standardwebhooks.Webhook(listener.secret).verify(first.body, first.headers)
    said = [line(webhook, outcome) for webhook, outcome in await listener.attempts_after(0)]
    assert [each.partition("delayed")[2].split()[0] for each in said] == ["503", "204"]
    assert all(each.startswith("service.updated      ord_1 #2 delayed") for each in said)
    webhook, outcome = listener.attempts[0]
    assert outcome is not None
    assert told(webhook, outcome)["forwarded"] == {
        "status": 503,
        "milliseconds": outcome.milliseconds,
    }


async def test_a_forgery_goes_no_further(listener: Listener, program: Receiver) -> None:
    assert await deliver(listener, BODY.replace(b"delayed", b"canceled")) == 400
    assert program.requests == []
    [(webhook, outcome)] = await listener.attempts_after(0)
    assert "SIGNATURE REFUSED" in line(webhook, outcome)


async def test_where_nobody_listens_it_says_so(listener: Listener) -> None:
    assert isinstance(listener.forward, Forwarding)
    listener.forward.url = "http://127.0.0.1:9/hook"
    assert await deliver(listener) == 502
    [(webhook, outcome)] = await listener.attempts_after(0)
    assert "502 after" in line(webhook, outcome)
    assert "ClientConnectorError" in line(webhook, outcome)


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://localhost:3000/hook", True),
        ("http://127.0.0.1:3000", True),
        ("http://[::1]:3000", True),
        ("https://partner.example/hook", False),
        ("http://169.254.169.254/", False),
        ("localhost:3000", False),
    ],
)
def test_it_forwards_to_this_machine_alone(url: str, here: bool) -> None:
    if here:
        assert forwarding.local(url) == url
    else:
        with pytest.raises(PartError):
            forwarding.local(url)
