"""Statements that are worth it: written once with SQLAlchemy, and run by the driver itself.

SQLAlchemy takes 90 µs of CPU and more for each execution, the driver 25. These have the same text,
take the same values, and fail with the same errors; what they return are the driver's own rows.
Decision 29 has the figures.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import asyncpg
import orjson
from sqlalchemy import JSON, ColumnClause, Dialect, Insert, Select, bindparam, column, func, select
from sqlalchemy.dialects.postgresql import asyncpg as dialects
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import ClauseElement

DRIVERS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)
"""What the driver raises; a timeout is an OSError, too.

It is out of step with a server (InternalClientError) that ends a connection just then.
"""

INTEGRITY = "23"
"""The class of SQLSTATE for what a constraint refuses."""


def to_json(value: Any) -> str:
    """Write what a column of JSON has."""
    return orjson.dumps(value).decode()


_DIALECT: Dialect = dialects.dialect(  # type: ignore[no-untyped-call]  # it has no types
    json_serializer=to_json, json_deserializer=orjson.loads
)


class Prepared:
    """A statement with named parameters, compiled once; every execution gives all of them."""

    def __init__(self, statement: ClauseElement) -> None:
        compiled: Any = statement.compile(dialect=_DIALECT)
        self._text = str(compiled)
        names = compiled.positiontup or []
        self._parameters = [(name, _written(compiled.binds[name].type)) for name in names]

    async def rows(
        self, connection: AsyncConnection, values: Mapping[str, Any]
    ) -> list[asyncpg.Record]:
        """Run it, and return its rows; raises a DBAPIError."""
        arguments = [
            written(values[name]) if written else values[name] for name, written in self._parameters
        ]
        driver = await driver_of(connection)
        try:
            return await driver.fetch(self._text, *arguments)
        except DRIVERS as error:
            raise await failure(connection, driver, self._text, error) from error


@asynccontextmanager
async def together(connection: AsyncConnection) -> AsyncIterator[None]:
    """Commit all statements of the block, SQLAlchemy's as well; roll back when anything raises.

    The connection's isolation level is AUTOCOMMIT, so that SQLAlchemy begins nothing of its own.
    """
    driver = await driver_of(connection)
    transaction = driver.transaction()

    async def done(what: str, do: Callable[[], Awaitable[None]]) -> None:
        try:
            await do()
        except DRIVERS as error:
            raise await failure(connection, driver, what, error) from error

    await done("BEGIN", transaction.start)
    try:
        yield
    except BaseException:
        if not driver.is_closed():
            await done("ROLLBACK", transaction.rollback)
        raise
    await done("COMMIT", transaction.commit)


def given(parameter: str, columns: Iterable[ColumnClause[Any]]) -> Select[Any]:
    """Select the rows that one parameter of JSON has, each by its columns' names.

    An array for each column would cost the driver several times that.
    """
    rows = (
        func.json_to_recordset(bindparam(parameter, type_=JSON))
        .table_valued(*(column(each.name, each.type) for each in columns))
        .render_derived(with_types=True)
    )
    return select(*rows.c)


@dataclass(frozen=True, slots=True)
class Addition:
    """Rows that a command adds at its end; the parameters' names must be its own."""

    inserts: tuple[Insert, ...]
    values: Mapping[str, Any]


async def add(connection: AsyncConnection, additions: Sequence[Addition]) -> list[asyncpg.Record]:
    """Add all of it by one statement; return what the last insert does; raises a DBAPIError."""
    inserts = tuple(insert for addition in additions for insert in addition.inserts)
    values = {name: value for each in additions for name, value in each.values.items()}
    if len(values) < sum(len(addition.values) for addition in additions):
        raise ValueError("two additions have a parameter of one name")
    return await _as_one(inserts).rows(connection, values)


@lru_cache(maxsize=256)
def _as_one(inserts: tuple[Insert, ...]) -> Prepared:
    *others, last = inserts
    return Prepared(last.add_cte(*(each.cte(f"part_{at}") for at, each in enumerate(others))))


async def driver_of(connection: AsyncConnection) -> asyncpg.Connection[asyncpg.Record]:
    """Return the driver's connection below one of SQLAlchemy's."""
    known = connection.sync_connection
    if known is None or known.invalidated:
        # It connects again. To ask it takes a greenlet, which none that stands needs.
        below: Any = (await connection.get_raw_connection()).driver_connection
    else:
        below = known.connection.driver_connection
    driver: asyncpg.Connection[asyncpg.Record] = below
    return driver


async def failure(
    connection: AsyncConnection,
    driver: asyncpg.Connection[asyncpg.Record],
    statement: str,
    error: Exception,
) -> DBAPIError:
    """Say what the driver raised as SQLAlchemy would; a lost connection isn't used again."""
    lost = driver.is_closed() or isinstance(error, asyncpg.InternalClientError)
    if lost and not connection.invalidated:
        await connection.invalidate()
    refused = (getattr(error, "sqlstate", None) or "").startswith(INTEGRITY)
    kind = IntegrityError if refused else DBAPIError
    return kind(statement, None, error, hide_parameters=True, connection_invalidated=lost)


def _written(kind: Any) -> Callable[[Any], Any] | None:
    processor: Callable[[Any], Any] | None = kind.dialect_impl(_DIALECT).bind_processor(_DIALECT)
    return processor
