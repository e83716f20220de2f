"""What is measured runs on: the embedded PostgreSQL, durable, and the embedded broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
import psutil

from roadworthy.embedded.broker import Broker
from roadworthy.embedded.postgres import Postgres
from shared.migrations import upgrade

DRAIN_SECONDS = 60.0
POLL_SECONDS = 0.01


@dataclass(frozen=True)
class Parts:
    """Where the parts are; `folder` is for logs, and goes with them."""

    folder: Path
    databases: Mapping[str, str]
    kafka: str
    postmaster: int
    """The process id of PostgreSQL."""

    def database_cpu_seconds(self) -> float:
        """The CPU time of all of PostgreSQL's processes by now, ended ones included."""
        postmaster = psutil.Process(self.postmaster)
        ended = postmaster.cpu_times()
        used = float(ended.children_user + ended.children_system)
        for each in (postmaster, *postmaster.children()):
            times = each.cpu_times()
            used += times.user + times.system
        return used

    def environment(self, database: str) -> dict[str, str]:
        """Set a service on these parts."""
        return {
            "DATABASE_URL": self.databases[database],
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka,
            "KAFKA_EMBEDDED": "true",
        }

    def dsn(self, database: str) -> str:
        """Name a database as asyncpg does."""
        return self.databases[database].replace("+asyncpg", "")

    @asynccontextmanager
    async def connection(self, database: str) -> AsyncIterator[asyncpg.Connection[Any]]:
        """Connect to a database, to look at what came of it."""
        connection = await asyncpg.connect(self.dsn(database), timeout=5, command_timeout=60)
        try:
            yield connection
        finally:
            await connection.close(timeout=5)


@asynccontextmanager
async def parts(schemas: Mapping[str, str]) -> AsyncIterator[Parts]:
    """Run the parts while the block lasts; `schemas` has each database and its service's name."""
    with TemporaryDirectory(prefix="roadworthy-bench-") as made:
        folder = Path(made)
        async with (
            Postgres(folder / "postgres", tuple(schemas)) as postgres,
            Broker(folder / "broker") as broker,
        ):
            for database, service in schemas.items():
                await upgrade(service, postgres.databases[database])
            assert postgres.pid is not None
            yield Parts(folder, postgres.databases, broker.bootstrap, postgres.pid)


async def until_published(made: Parts, database: str) -> None:
    """Wait until the relay has nothing left to publish."""
    async with asyncio.timeout(DRAIN_SECONDS), made.connection(database) as connection:
        while await connection.fetchval("SELECT EXISTS (SELECT FROM outbox)"):
            await asyncio.sleep(POLL_SECONDS)
