"""A service's database, brought up to date, or why it can't be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy.exc import DBAPIError

from roadworthy.embedded.errors import PartError
from shared.database_urls import NotADatabaseUrl
from shared.migrations import NewerDatabase, upgrade


async def bring_up_to_date(name: str, url: str) -> bool:
    """Return whether there was anything to do; raises PartError."""
    with reaching(name):
        try:
            return await upgrade(name, url)
        except NewerDatabase as newer:
            raise PartError(str(newer)) from newer


@contextmanager
def reaching(name: str) -> Iterator[None]:
    """Raise PartError where a service's database can't be reached, or its address isn't one."""
    try:
        yield
    except NotADatabaseUrl as error:
        raise PartError(f"The address of the database of {name} is {error}") from error
    except (OSError, TimeoutError, asyncpg.PostgresError, DBAPIError) as error:
        raise PartError(f"The database of {name} can't be reached: {_said(error)}") from error


def _said(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error) or type(error).__name__
