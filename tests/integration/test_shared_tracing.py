"""One request, its events and their effects can be found by one id, and one trace."""

from __future__ import annotations

import httpx
from fastapi import FastAPI

from infra.plumbing import happened, records, rows, told
from shared.database import Database, Transaction
from shared.edge import Edge
from shared.events import Event
from shared.inbox import Inbox

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
FOLLOWS = "SELECT subject, correlation_id, causation_id, traceparent FROM events ORDER BY position"


async def test_an_event_follows_from_its_request(bare: Database) -> None:
    app = FastAPI()
    app.add_middleware(Edge, service="test")

    @app.post("/")
    async def publish() -> None:
        async with bare.transaction() as work:
            work.publish(told("one", 1), told("two", 1))

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        headers = {"X-Request-Id": "request-1", "traceparent": TRACEPARENT}
        assert (await client.post("/", headers=headers)).status_code == 200
    follows = await rows(bare, FOLLOWS)
    assert [row[:3] for row in follows] == [("one", "request-1", None), ("two", "request-1", None)]
    assert all(row[3].split("-")[1] == TRACE for row in follows)


async def test_each_event_of_a_batch_has_its_own_cause(bare: Database) -> None:
    async def follow(work: Transaction, event: Event) -> None:
        work.publish(told(f"after {event.subject}", 1))

    causes = [happened("one", 1), happened("two", 1)]
    await Inbox("reader", bare, {"*": follow}).receive(records(*causes))
    assert await rows(bare, FOLLOWS) == [
        (f"after {cause.subject}", cause.correlation_id, cause.id, None) for cause in causes
    ]
