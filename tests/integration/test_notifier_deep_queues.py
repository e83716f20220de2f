"""Queues that are long, or somebody else's, or found late: what is due goes out all the same."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.notifying import notifier_settings
from infra.receiver import Receiver
from infra.waiting import eventually
from infra.webhooks import Subscriber, at_work
from services.notifier.domain.delivery import Delivery, DeliveryStatus, Sent
from services.notifier.engine import fleet
from services.notifier.engine.lane import BEGINNING
from services.notifier.main import build
from services.notifier.repository import results
from services.notifier.repository.due import Look, next_of
from services.notifier.repository.results import Outcome, Tried
from shared.service import Service
from shared.statements import driver_of

OTHER_WORKER = "00000000-0000-0000-0000-000000000001"
MANY = 12_000
_ENDPOINTS = """
INSERT INTO endpoints (id, partner_id, sees_all, url, method, events, status, secret, created_at)
SELECT 'a_' || lpad(n::text, 4, '0'), 'par_other', false, 'http://127.0.0.1:9/', 'POST', '{x}',
       'enabled', '', now()
FROM generate_series(1, CAST(:count AS int)) n
"""
_DELIVERIES = """
INSERT INTO deliveries (id, endpoint_id, partner_id, event_id, event_type, status, due_at,
                        created_at)
SELECT 'dlv_' || e.id || n, e.id, 'par_other', m.event_id, 'x', 'queued', now(), now()
FROM endpoints e, messages m, generate_series(1, CAST(:each AS int)) n
WHERE e.partner_id = 'par_other' AND m.type = 'x' || n
"""
_MESSAGES = """
INSERT INTO messages (event_id, type, subject, sequence, partner_id, time, data, received_at)
SELECT 'evt_' || n, 'x' || n, 'sub', 1, 'par_other', now(), '{}', now()
FROM generate_series(1, CAST(:each AS int)) n
"""
_LANES = """
INSERT INTO lanes
SELECT id, CAST(:worker AS uuid) FROM endpoints WHERE partner_id = 'par_other'
"""


@pytest_asyncio.fixture
async def service(database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Service]:
    yield build(notifier_settings(await database("notifier")), keys=keys)


async def write(service: Service, *statements: str, **named: Any) -> None:
    async with service.database.transaction() as work:
        for each in statements:
            own = {name: value for name, value in named.items() if f":{name}" in each}
            await work.connection.execute(text(each), own)


async def another_worker(service: Service) -> None:
    """Have another process live for an hour, with the lanes of all of the other account."""
    lives = "INSERT INTO workers VALUES (CAST(:worker AS uuid), now() + interval '1 hour')"
    await write(service, lives, _LANES, worker=OTHER_WORKER)


async def test_what_others_send_keeps_nobody_from_his_own(
    service: Service, dealer: Subscriber, receiver: Receiver
) -> None:
    await dealer.register(receiver.url)
    await write(service, _ENDPOINTS, _MESSAGES, _DELIVERIES, count=250, each=1)
    await another_worker(service)
    told = await dealer.happen()
    async with at_work(service, "deliveries"):
        [request] = await receiver.first()
    assert request.id == told.id


async def test_what_is_found_late_waits_for_no_sweep_of_every_lane(
    service: Service, dealer: Subscriber, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleet, "AGAIN_SECONDS", 3600.0)
    await dealer.register(receiver.url)
    async with at_work(service, "deliveries"):
        await dealer.happen()
        await receiver.first(1)
        told = await dealer.happen("service.created")
        await write(service, "UPDATE deliveries SET due_at = now() - interval '1 minute'")
        await receiver.first(2)
    assert receiver.requests[-1].id == told.id


async def test_a_table_that_grew_is_known_to_have_grown(service: Service) -> None:
    size = text("SELECT reltuples FROM pg_class WHERE relname = 'deliveries'")

    async def known() -> bool:
        async with service.database.reading() as connection:
            return (await connection.scalar(size) or 0) > MANY / 2

    async with at_work(service, "statistics"):
        async with service.database.transaction() as work:
            await work.connection.execute(text("ANALYZE deliveries"))
        await write(service, _ENDPOINTS, _MESSAGES, _DELIVERIES, count=1200, each=10)
        # What was written counts once its connection has been idle for ten seconds.
        await eventually(known, seconds=40)


async def queued_of_others(service: Service) -> list[Outcome]:
    """Make many deliveries, and what came of sending 500 of them to ten endpoints."""
    await write(service, _ENDPOINTS, _MESSAGES, _DELIVERIES, count=10, each=50)
    await another_worker(service)
    now = datetime.now(UTC)
    async with service.database.reading() as connection:
        found = await connection.execute(text("SELECT id FROM endpoints"))
        looks = [Look(each, 50, BEGINNING, all_of_them=True) for each in found.scalars()]
        queued = await next_of(connection, looks, [], now)
    tried = Tried(now, Sent(204, 1))
    return [Outcome(attempted(each, tried), tried) for some in queued.values() for each in some]


def attempted(delivery: Delivery, tried: Tried) -> Delivery:
    done = DeliveryStatus.DELIVERED
    return delivery._replace(status=done, finished_at=tried.started_at, attempts=1)


@pytest.mark.parametrize("taken", [True, False])
async def test_a_batch_of_results_costs_by_what_is_in_it(service: Service, taken: bool) -> None:
    outcomes = await queued_of_others(service)
    worker = uuid.UUID(OTHER_WORKER)
    asked: list[Any] = []
    async with service.database.reading() as connection, undone(connection) as driver:
        with driver.query_logger(asked.append):
            if taken:
                tried = [(each.delivery.id, each.tried) for each in outcomes if each.tried]
                kept = await results.deliver(connection, worker, tried, datetime.now(UTC))
            else:
                kept = len(await results.settle(connection, worker, outcomes))
    async with service.database.reading() as connection, undone(connection) as driver:
        visited = await rows_visited(driver, asked[-1])
    assert kept == len(outcomes) == 500
    assert 4 * 500 < visited < 20 * 500


@asynccontextmanager
async def undone(connection: AsyncConnection) -> AsyncIterator[Any]:
    driver = await driver_of(connection)
    transaction = driver.transaction()
    await transaction.start()
    yield driver
    await transaction.rollback()


async def rows_visited(driver: Any, asked: Any) -> float:
    """Count what the steps of its plan bring forth and drop, by the plan that is kept for it."""
    kinds = [each.name for each in (await driver.prepare(asked.query)).get_parameters()]
    given = [
        await driver.fetchval(f"SELECT quote_nullable(CAST($1 AS {kind})::text)", value)
        for kind, value in zip(kinds, asked.args, strict=True)
    ]
    # As of a table that is too large to be read for 500 of its rows.
    await driver.execute("SET LOCAL enable_seqscan = off")
    await driver.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    await driver.execute(f"PREPARE asked AS {asked.query}")
    explain = f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE asked ({', '.join(given)})"
    [plan] = await driver.fetchval(explain)
    return sum(_rows(node) for node in _nodes(plan["Plan"]))


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for each in plan.get("Plans", ()):
        yield from _nodes(each)


def _rows(node: dict[str, Any]) -> float:
    dropped = ("Rows Removed by Filter", "Rows Removed by Join Filter")
    rows = node["Actual Rows"] + sum(node.get(name, 0) for name in dropped)
    return float(rows * node["Actual Loops"])
