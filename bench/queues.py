"""Queues of deliveries for the benchmarks, filled by SQL and drained by an engine."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import orjson

from bench.parts import Parts
from services.notifier import fan_out
from services.notifier.engine.engine import Engine
from services.notifier.main import build
from services.notifier.sealing import SecretBox
from services.notifier.settings import NotifierSettings
from shared.events import Event
from shared.ids import new_event_id, new_id
from shared.service import Service

DATA = orjson.dumps({"id": "ord_1", "padding": "x" * 1900}).decode()
DRAIN_SECONDS = 60.0
WINDOW = 32
SPREAD = timedelta(hours=1)
MOST_EVENTS = 100_000
OTHER_WORKER = "00000000-0000-0000-0000-000000000001"

_ENDPOINT = """
INSERT INTO endpoints (id, partner_id, sees_all, url, method, events, status, secret, "window",
                       created_at)
VALUES ($1, $2, false, $3, 'POST', '{service.*}', 'enabled', $4, $5, now())
"""
_MESSAGES = """
INSERT INTO messages (event_id, type, subject, sequence, partner_id, time, data, received_at)
SELECT $1 || n, 'service.updated', 'ord_' || n, 1, 'par_bench', now(), $2, now()
FROM generate_series(1, $3::int) n
"""
_DELIVERIES = """
INSERT INTO deliveries (id, endpoint_id, partner_id, event_id, event_type, status, due_at,
                        created_at)
SELECT $1 || lpad(n::text, 8, '0'), ($2::text[])[1 + n % cardinality($2::text[])], 'par_bench',
       $1 || (1 + n % $4::int), 'service.updated', 'queued', now(), now()
FROM generate_series(1, $3::int) n
ON CONFLICT DO NOTHING
"""
_DELIVERIES_OF_EACH = """
INSERT INTO deliveries (id, endpoint_id, partner_id, event_id, event_type, status, due_at,
                        created_at)
SELECT $1 || lpad(n::text, 7, '0') || e.ordinality, e.id, 'par_bench',
       $1 || 1 + (n + e.ordinality * ($5::int / cardinality($2::text[]))) % $5::int,
       'service.updated', 'queued', since, since
FROM generate_series(1, $3::int) n
CROSS JOIN LATERAL (SELECT now() - (1 - n / $3::float8) * $4::interval AS since) moment
CROSS JOIN unnest($2::text[]) WITH ORDINALITY e (id)
"""


def queues_of(
    stack: AsyncExitStack, made: Parts, url: str, database: str = "notifier", **more: Any
) -> Queues:
    """Build a notifier on a database, whose receivers are at `url`, with `more` settings."""
    settings = NotifierSettings.model_validate(
        {
            "database_url": made.databases[database],
            "kafka_bootstrap_servers": made.kafka,
            "kafka_embedded": True,
            "webhook_secrets_key": base64.b64encode(os.urandom(32)).decode(),
            "webhook_allowed_networks": ["127.0.0.0/8"],
            **more,
        }
    )
    service = build(settings)
    stack.push_async_callback(service.engine.dispose)
    return Queues(made, settings, service, url, database)


class Queues:
    """Groups of endpoints, by how many they are."""

    def __init__(
        self,
        made: Parts,
        settings: NotifierSettings,
        service: Service,
        url: str,
        database: str = "notifier",
    ) -> None:
        self.made = made
        self._database = database
        self._box = SecretBox.of(settings.webhook_secrets_key.get_secret_value())
        self._groups: dict[int, list[str]] = {}
        self._filled = 0
        self._url = url
        self.settings = settings
        self.service = service
        engine = service.parts["deliveries"]
        assert isinstance(engine, Engine)
        self.engine = engine

    def connection(self) -> AbstractAsyncContextManager[asyncpg.Connection[Any]]:
        """Connect to its database."""
        return self.made.connection(self._database)

    async def register(
        self, count: int, partner_id: str = "par_bench", path: str = "", window: int = WINDOW
    ) -> list[str]:
        """Make so many endpoints of one account."""
        ids = [new_id("whe") for _ in range(count)]
        async with self.connection() as connection:
            for each in ids:
                sealed = self._box.new(each)
                row = (each, partner_id, self._url + path, sealed, window)
                await connection.execute(_ENDPOINT, *row)
        self._groups[count] = ids
        return ids

    async def fill(self, count: int, endpoints: int) -> None:
        """Queue so many deliveries for a group of endpoints; they are due at once."""
        await self._queue(self._groups[endpoints], count, messages=count)

    async def pile_up(self, count: int, endpoint_ids: Sequence[str]) -> None:
        """Queue so many for these endpoints, which came due in an hour.

        No two are about the same event at a time: else the bodies that they share would count.
        """
        self._filled += 1
        name, each = f"d{self._filled}_", count // len(endpoint_ids)
        events = min(count, MOST_EVENTS)
        async with self.connection() as connection:
            await connection.execute(_MESSAGES, name, DATA, events)
            row = (name, list(endpoint_ids), each, SPREAD, events)
            await connection.execute(_DELIVERIES_OF_EACH, *row, timeout=240)

    async def give_away(self, endpoint_ids: Sequence[str]) -> None:
        """Have another worker, which lives for a day, own these lanes and no others."""
        async with self.connection() as connection:
            await connection.execute("DELETE FROM workers")
            await connection.execute(
                "INSERT INTO workers VALUES ($1, now() + interval '1 day')", OTHER_WORKER
            )
            lanes = "INSERT INTO lanes SELECT unnest($1::text[]), $2::uuid"
            await connection.execute(lanes, list(endpoint_ids), OTHER_WORKER)

    async def clear(self) -> None:
        """Have nothing queued, and nothing sent."""
        async with self.connection() as connection:
            await connection.execute("TRUNCATE attempts, deliveries, messages CASCADE")

    def hint(self, endpoints: int) -> None:
        """Say that something was queued for a group of endpoints."""
        for each in self._groups[endpoints]:
            self.engine.queued(each)

    async def drain(self, endpoints: int) -> None:
        """Wait until nothing is queued for a group of endpoints."""
        self.hint(endpoints)
        async with (
            asyncio.timeout(DRAIN_SECONDS),
            self.connection() as connection,
        ):
            while await self.are_queued(connection, endpoints):
                await asyncio.sleep(0.02)

    async def are_queued(self, connection: asyncpg.Connection[Any], endpoints: int) -> bool:
        """Tell whether anything is queued for a group of endpoints."""
        query = """SELECT EXISTS (SELECT FROM deliveries
                                  WHERE endpoint_id = ANY ($1) AND status = 'queued')"""
        return bool(await connection.fetchval(query, self._groups[endpoints]))

    async def happen(self, partner_id: str) -> str:
        """Fan an event out, and hand it over, as the consumer does; return its id."""
        event_id = new_event_id()
        event = Event(
            id=event_id,
            type="service.updated",
            source="/bench",
            subject=new_id("ord"),
            time=datetime.now(UTC),
            sequence=1,
            partner_id=partner_id,
            correlation_id=event_id,
            causation_id=None,
            traceparent=None,
            data=DATA,
        )
        async with self.service.database.transaction() as work:
            await fan_out.receive(work, event, self.engine.hand)
        return event_id

    async def latencies(self, event_ids: Sequence[str], endpoint_ids: Sequence[str]) -> list[float]:
        """Wait until these went to these; return the ms from their queueing to the answer."""
        query = """
        SELECT extract(epoch FROM a.started_at - d.created_at) * 1000 + a.duration_ms AS ms
        FROM deliveries d JOIN attempts a ON a.delivery_id = d.id
        WHERE d.event_id = ANY ($1) AND d.endpoint_id = ANY ($2) AND a.status = 204
        """
        expected = len(event_ids) * len(endpoint_ids)
        async with (
            asyncio.timeout(DRAIN_SECONDS),
            self.connection() as connection,
        ):
            while True:
                rows = await connection.fetch(query, event_ids, endpoint_ids)
                if len(rows) >= expected:
                    return [float(row["ms"]) for row in rows]
                await asyncio.sleep(0.2)

    async def _queue(self, endpoint_ids: Sequence[str], count: int, *, messages: int) -> None:
        self._filled += 1
        name = f"d{self._filled}_"
        async with self.connection() as connection:
            await connection.execute(_MESSAGES, name, DATA, messages)
            row = (name, list(endpoint_ids), count, messages)
            await connection.execute(_DELIVERIES, *row, timeout=120)
