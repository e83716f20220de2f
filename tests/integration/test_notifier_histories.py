"""Long histories: what an endpoint missed, and its attempts, by as many rows as are asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import text

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.explaining import reads_of
from infra.notifying import notifier_settings
from infra.webhooks import Subscriber, at_work
from services.notifier.main import build
from shared.service import Service

EVENTS = 3_000
_EVENTS = """
INSERT INTO messages (event_id, type, subject, sequence, partner_id, time, data, received_at)
SELECT 'evt_' || i, 'service.updated', 'ord_' || i, 1, :partner_id, now(), '{}', now()
FROM generate_series(1, CAST(:events AS int)) i
"""
_TOLD = """
INSERT INTO deliveries (id, partner_id, endpoint_id, event_id, event_type, status, due_at,
                        created_at, finished_at)
SELECT 'dlv_' || lpad(CAST(i AS text), 6, '0'), :partner_id, :endpoint_id, 'evt_' || i,
       'service.updated', CASE WHEN i = 7 THEN 'exhausted' ELSE 'delivered' END,
       now(), now(), now()
FROM generate_series(1, CAST(:events AS int)) i
ON CONFLICT DO NOTHING
"""
_SOME = _TOLD.replace("CAST(:events AS int)", "10")
_ATTEMPTS = """
INSERT INTO attempts (id, delivery_id, started_at, duration_ms, status, answer)
SELECT 'atp_' || id, id, now(), 5, 204, '' FROM deliveries
"""


@pytest_asyncio.fixture
async def service(database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Service]:
    made = build(notifier_settings(await database("notifier")), keys=keys)
    async with at_work(made):
        yield made


async def told_much(dealer: Subscriber, *statements: str) -> str:
    """Register an endpoint that was told of all but one event; return its path."""
    endpoint = await dealer.register("http://127.0.0.1:9/hook")
    named = {"partner_id": dealer.partner_id, "endpoint_id": endpoint["id"], "events": EVENTS}
    async with dealer.service.engine.connect() as connection:
        for each in statements:
            given = {name: value for name, value in named.items() if f":{name}" in each}
            await connection.execute(text(each), given)
        await connection.commit()
    return f"/v1/webhook-endpoints/{endpoint['id']}"


@pytest.mark.parametrize(
    "statements",
    [(_EVENTS, _TOLD, "ANALYZE"), (_EVENTS, _TOLD), (_EVENTS, _SOME, "ANALYZE", _TOLD)],
    ids=["analyzed", "unknown", "thought-small"],
)
async def test_gaps_look_each_event_up_once(
    dealer: Subscriber, statements: tuple[str, ...]
) -> None:
    path = await told_much(dealer, *statements)
    async with reads_of(dealer.service.engine, "deliveries") as reads:
        [gap] = (await dealer.get(f"{path}/gaps"))["data"]

    assert gap["subject"] == "ord_7"
    assert EVENTS <= reads.rows <= 3 * EVENTS


async def test_older_attempts_are_entered_at_their_place(dealer: Subscriber) -> None:
    path = await told_much(dealer, _EVENTS, _TOLD, _ATTEMPTS, "ANALYZE")
    page = await dealer.get(f"{path}/attempts", limit=100)
    while page["data"][-1]["delivery_id"] > "dlv_000500":
        page = await dealer.get(f"{path}/attempts", limit=100, cursor=page["next_cursor"])
    async with reads_of(dealer.service.engine, "deliveries") as reads:
        older = await dealer.get(f"{path}/attempts", limit=100, cursor=page["next_cursor"])

    assert len(older["data"]) == 100
    assert older["data"][0]["delivery_id"] < page["data"][-1]["delivery_id"]
    assert 100 <= reads.rows < EVENTS // 3
