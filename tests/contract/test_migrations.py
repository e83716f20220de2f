import importlib
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine

from infra.databases import MakeDatabase
from roadworthy.upgrading import bring_up_to_date, newest
from shared.migrations import config

SHARED = {
    "events", "outbox", "relay_state", "relay_marks", "inbox", "parked", "idempotency_keys",
    "sandbox_clock",
}  # fmt: skip
SERVICES = sorted(path.parent.name for path in Path("services").glob("*/migrations"))


def _differences(connection: Connection, metadata: MetaData) -> list[object]:
    def ours(name: str | None, kind: str, _: object) -> bool:
        return kind != "table" or not (name in SHARED or str(name).startswith("events_"))

    settings = {"include_name": ours, "compare_type": True}
    return compare_metadata(MigrationContext.configure(connection, opts=settings), metadata)


@pytest.mark.parametrize("service", SERVICES)
async def test_the_migrations_make_what_the_code_expects(
    service: str, database: MakeDatabase
) -> None:
    metadata = importlib.import_module(f"services.{service}.tables").metadata
    engine = create_async_engine(await database(service))
    async with engine.connect() as connection:
        found = await connection.run_sync(_differences, metadata)
        await connection.execute(text("SELECT 1 FROM events, outbox LIMIT 0"))
    await engine.dispose()
    assert found == []


@pytest.mark.parametrize("service", SERVICES)
async def test_a_start_knows_by_the_files_whether_there_is_anything_to_do(
    service: str, database: MakeDatabase
) -> None:
    assert newest(service) == ScriptDirectory.from_config(config(service, "")).get_current_head()
    assert not await bring_up_to_date(service, await database(service))
    if service == "partner":  # the shortest history
        url = await database()
        assert await bring_up_to_date(service, url)
        assert not await bring_up_to_date(service, url)
