"""Alembic for every service: each has its own history in `services/NAME/migrations/`."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from alembic import command, context
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('roadworthy.migrations'))")


async def upgrade(service: str, url: str) -> bool:
    """Bring a service's database to its newest schema; tell whether it was behind.

    All or nothing, and one at a time: several copies of a service may start at once.
    """
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.execute(_ONE_AT_A_TIME)
            return await connection.run_sync(_upgrade, service)
    finally:
        await engine.dispose()


def run_from_env() -> None:
    """Run the migrations that Alembic asks for: all that a service's `env.py` has to call."""
    context.configure(connection=context.config.attributes["connection"])
    with context.begin_transaction():
        context.run_migrations()


def _upgrade(connection: Connection, service: str) -> bool:
    config = Config()
    config.set_main_option("script_location", str(_folder(service)).replace("%", "%%"))
    heads = ScriptDirectory.from_config(config).get_heads()
    if set(MigrationContext.configure(connection).get_current_heads()) == set(heads):
        return False
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return True


def _folder(service: str) -> Path:
    spec = importlib.util.find_spec(f"services.{service}")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"There is no service named {service}")
    return Path(spec.origin).parent / "migrations"
