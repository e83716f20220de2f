"""A service's database, brought up to date, or why it can't be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
from sqlalchemy.exc import DBAPIError

from roadworthy.embedded.errors import PartError
from shared.database_urls import NotADatabaseUrl, dsn

SERVICES = Path(__file__).resolve().parent.parent / "services"


async def bring_up_to_date(name: str, url: str) -> bool:
    """Return whether there was anything to do; raises PartError."""
    with reaching(name):
        if await _revision(url) == newest(name):
            return False
        # Alembic takes a tenth of a start to import, and is for the first and after an upgrade.
        from shared.migrations import NewerDatabase, upgrade

        try:
            return await upgrade(name, url)
        except NewerDatabase as newer:
            raise PartError(str(newer)) from newer


def newest(name: str) -> str:
    """Name a service's newest revision, which its file is called by."""
    revisions = (SERVICES / name / "migrations" / "versions").glob("[0-9]*.py")
    return max(revision.name for revision in revisions).partition("_")[0]


@contextmanager
def reaching(name: str) -> Iterator[None]:
    """Raise PartError where a service's database can't be reached, or its address isn't one."""
    try:
        yield
    except NotADatabaseUrl as error:
        raise PartError(f"The address of the database of {name} is {error}") from error
    except (OSError, TimeoutError, asyncpg.PostgresError, DBAPIError) as error:
        raise PartError(f"The database of {name} can't be reached: {_said(error)}") from error


async def _revision(url: str) -> str | None:
    connection = await asyncpg.connect(dsn(url))
    try:
        found: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        return None
    else:
        return found
    finally:
        await connection.close()


def _said(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error) or type(error).__name__
