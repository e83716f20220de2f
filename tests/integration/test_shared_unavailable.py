"""A database that goes away in the middle of a command: the answer claims no more than is known."""

from __future__ import annotations

import asyncio

from sqlalchemy import text

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.notifying import notifier_settings
from infra.running import client_of
from infra.waiting import eventually
from services.notifier.main import build
from shared.service import Service

WAITING = """
CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql
AS 'BEGIN PERFORM pg_sleep(60); RETURN NULL; END'
"""
SLOW_COMMIT = """
CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON endpoints
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait()
"""
CUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event = 'PgSleep' AND query LIKE 'COMMIT%'
"""


async def execute(service: Service, *statements: str) -> list[object]:
    async with service.database.reading() as connection:
        for statement in statements:
            done = await connection.execute(text(statement))
        return list(done.scalars()) if done.returns_rows else []


async def test_a_commit_whose_answer_is_lost_is_neither_done_nor_undone_to_the_caller(
    database: MakeDatabase, keys: SigningKeys
) -> None:
    service = build(notifier_settings(await database("notifier")), keys=keys)
    named = keys.headers("partner") | {"Idempotency-Key": "once"}
    body = {"url": "http://127.0.0.1:9/hooks", "events": ["*"]}
    async with client_of(service) as client:
        await execute(service, WAITING, SLOW_COMMIT)
        posting = asyncio.create_task(
            client.post("/v1/webhook-endpoints", json=body, headers=named)
        )
        await eventually(lambda: execute(service, CUT))
        answer = await posting
        await execute(service, "DROP TRIGGER slow ON endpoints")
        again = await client.post("/v1/webhook-endpoints", json=body, headers=named)
    await service.engine.dispose()

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert "may have been done" in answer.json()["detail"]
    assert "Idempotency-Key" in answer.json()["detail"]
    assert again.status_code == 201
