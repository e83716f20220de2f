"""Runs a service's Alembic history; each `migrations/env.py` is one call of `run`."""

from __future__ import annotations

import asyncio
from pathlib import Path

from alembic import command, context, op
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from shared.database import DRIVER
from shared.database_urls import dsn


class NewerDatabase(Exception):
    """A newer version of this program brought the database further than this one knows."""


ROOT = Path(__file__).resolve().parent.parent


def config(service: str, url: str) -> Config:
    """Make Alembic's configuration of a service."""
    made = Config()
    made.set_main_option("script_location", str(ROOT / "services" / service / "migrations"))
    made.attributes["url"] = url
    return made


async def upgrade(service: str, url: str) -> bool:
    """Bring a database up to date; returns whether there was anything to do.

    Raises NotADatabaseUrl; and NewerDatabase, changing nothing, where the database is ahead.
    One at a time in a process, since Alembic's context is the process's own.
    """
    settings = config(service, url)
    engine = _engine(url)
    try:
        async with engine.begin() as connection:
            # Two starting side by side: the second waits, and finds it done.
            await connection.execute(text("SELECT pg_advisory_xact_lock(20261124)"))
            history = ScriptDirectory.from_config(settings)
            current = await connection.run_sync(_current)
            if current == history.get_current_head():
                return False
            if current and all(known.revision != current for known in history.walk_revisions()):
                raise NewerDatabase(
                    f"The database of {service} is at {current}, which this version doesn't know: "
                    "a newer one made it. Run that one, or restore a backup."
                )
            await connection.run_sync(_upgrade, settings)
    finally:
        await engine.dispose()
    return True


def run_scripts(*scripts: str) -> None:
    """Execute SQL in a revision; statements end with a semicolon, and have none inside."""
    for script in scripts:
        for statement in script.split(";"):
            if statement.strip():
                op.execute(statement)


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _upgrade(connection: Connection, settings: Config) -> None:
    settings.attributes["connection"] = connection
    command.upgrade(settings, "head")


def run() -> None:
    """Run the history on the connection that `upgrade` opened, or on one of its own."""
    connection: Connection | None = context.config.attributes.get("connection")
    if connection is None:
        asyncio.run(_alone(context.config.attributes["url"]))
    else:
        _migrate(connection)


def _engine(url: str) -> AsyncEngine:
    return create_async_engine(DRIVER, connect_args={"dsn": dsn(url)})


async def _alone(url: str) -> None:
    engine = _engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(_migrate)
    await engine.dispose()


def _migrate(connection: Connection) -> None:
    context.configure(connection=connection, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()
