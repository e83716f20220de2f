"""A service's own database: one transaction per command, with the events it publishes in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, cast
from weakref import WeakValueDictionary

import orjson
from sqlalchemy import Insert, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool

from shared import outbox, statements
from shared.clock import Clock
from shared.database_urls import dsn
from shared.events import Outgoing, Pending
from shared.outbox import Told
from shared.statements import Addition, driver_of, to_json
from shared.turns import Turns

DRIVER = "postgresql+asyncpg://"
CONNECT_SECONDS = 5
POOL_SECONDS = 15
"""How long a command waits for a connection: many may stand in line for one slot."""

STATEMENT_SECONDS = 10
IDLE_IN_TRANSACTION_SECONDS = 15

_SMALL_MEMORY = text("SET LOCAL work_mem = '64kB'")
_SPILL = text("SELECT count(*) FROM generate_series(1, 10000)")


def create_engine(url: str, *, application: str, pool_size: int = 8) -> AsyncEngine:
    """Make an engine with every wait bounded; a small pool is the fast one.

    Raises NotADatabaseUrl.
    """
    return create_async_engine(
        DRIVER,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_SECONDS,
        # Errors are logged, and parameters are customers' data and sealed secrets.
        hide_parameters=True,
        json_serializer=to_json,
        json_deserializer=orjson.loads,
        connect_args={
            "dsn": dsn(url),
            "timeout": CONNECT_SECONDS,
            "command_timeout": STATEMENT_SECONDS + 2,
            "server_settings": {
                "application_name": application,
                "statement_timeout": f"{STATEMENT_SECONDS}s",
                "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_SECONDS}s",
                "timezone": "UTC",
                # The planner's compiler costs more than it saves on short statements.
                "jit": "off",
            },
        },
    )


class Transaction:
    """One command's work: its connection, its moment, and the events that it publishes.

    It is `begun` when what its connection executes is part of the transaction, too.
    """

    def __init__(self, connection: AsyncConnection, now: datetime, *, begun: bool = True) -> None:
        self.connection = connection
        self.now = now
        self.begun = begun
        self.told: list[Told] = []
        self.pending: list[Pending] = []
        self.additions: list[Addition] = []
        self.afterwards: list[Callable[[], None]] = []

    def publish(self, *events: Outgoing) -> None:
        """Publish with the commit, or not at all; in this order for each subject."""
        self.told += map(Told, events)

    def add(self, *inserts: Insert, values: Mapping[str, Any]) -> None:
        """Add rows by the statement that also publishes, last of all."""
        self.additions.append(Addition(inserts, values))

    def after_commit(self, action: Callable[[], None]) -> None:
        """Do something quick and local once the commit stands, such as waking a worker."""
        self.afterwards.append(action)


class Database:
    """Opens transactions; `source` (a URI-reference) names the service in its events."""

    def __init__(
        self, engine: AsyncEngine, clock: Clock, *, source: str, patience: float = POOL_SECONDS
    ) -> None:
        """`patience` is for how many seconds a command waits for its turn."""
        self.engine = engine
        self._patience = patience
        # No BEGIN of SQLAlchemy's own: the driver's cost half as much.
        self._plain = engine.execution_options(isolation_level="AUTOCOMMIT")
        # The pool's own queue gives a connection to whoever comes as it is freed, not to who waits.
        self._turns = Turns(cast("QueuePool", engine.pool).size())
        self._lines: WeakValueDictionary[str, Turns] = WeakValueDictionary()
        self.clock = clock
        self.source = source
        self._on_publish: list[Callable[[Sequence[Pending]], None]] = []

    def on_publish(self, hint: Callable[[Sequence[Pending]], None]) -> None:
        """Call this with what a commit published, after it: a hint to the relay, which may be lost.

        What a transaction published is given in its order.
        """
        self._on_publish.append(hint)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Commit on leaving, events included; roll back when anything raises."""
        async with self._connected() as connection, statements.together(connection):
            work = Transaction(connection, self.clock.now())
            yield work
            await self._finish(work)
        self._tell(work)

    @asynccontextmanager
    async def addition(self) -> AsyncIterator[Transaction]:
        """Commit what the block has added and published, by one statement; or nothing of it.

        For a command that only adds: what its connection reads is committed by then, and nothing
        is locked. It costs two thirds of a transaction.
        """
        async with self._connected() as connection:
            work = Transaction(connection, self.clock.now(), begun=False)
            yield work
            await self._finish(work)
        self._tell(work)

    async def _finish(self, work: Transaction) -> None:
        additions = list(work.additions)
        logged = outbox.events(work.told, now=work.now, source=self.source)
        if logged:
            # Last of all: the position is drawn once the aggregate's row is locked.
            additions.append(outbox.addition(logged))
        if additions:
            added = await statements.add(work.connection, additions)
            work.pending = outbox.pending(logged, added) if logged else []

    def _tell(self, work: Transaction) -> None:
        for action in work.afterwards:
            action()
        if work.pending:
            for hint in self._on_publish:
                hint(work.pending)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Read outside a transaction: every statement sees what is committed by then.

        A write of one statement that publishes nothing may go here, too: it is a transaction by
        itself, and costs 0.6 of what it does between a BEGIN and a COMMIT.
        """
        async with self._connected() as connection:
            yield connection

    @asynccontextmanager
    async def line(self, name: str, *, room: int) -> AsyncIterator[None]:
        """Let so many at a time go on to what one does after the other; the rest wait here.

        Whoever waits for a lock does so with a connection: all of them would, for one lock.
        Raises what taking a connection raises.
        """
        turns = self._lines.setdefault(name, Turns(room))
        account = await turns.enter(self._patience)
        try:
            yield
        finally:
            turns.leave(account)

    async def check(self) -> None:
        """Raise what keeps this database from answering, or from taking anything: a full disk.

        What doesn't fit into a small memory goes to a temporary file: a write that leaves no trace.
        """
        async with self.transaction() as work:
            await work.connection.execute(_SMALL_MEMORY)
            await work.connection.execute(_SPILL)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncConnection]:
        """Take a connection in one's turn, and none that was lost in the pool, as far as one knows.

        Raises SQLAlchemy's TimeoutError where none is free in time, a 429 Problem where too many
        of the account's commands wait for one.
        """
        account = await self._turns.enter(self._patience)
        try:
            connection = await self._plain.connect()
            try:
                while (await driver_of(connection)).is_closed():
                    await connection.invalidate()
                    await connection.close()
                    connection = await self._plain.connect()
                yield connection
            finally:
                await connection.close()
        finally:
            self._turns.leave(account)
