"""Turns others' events into effects, each once: the inbox row and the effect share a transaction.

Decision 5 has the reasoning: acknowledged after the commit; what passes is tried again in place;
poison is parked, together with the later events of its key, until somebody replays it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog
from aiokafka import ConsumerRecord
from prometheus_client import Counter
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared import context, parking, tracing
from shared.database import Database, Transaction
from shared.events import Event, NotAnEvent
from shared.kafka import Records
from shared.parking import Received
from shared.statements import Prepared

POISON_TRIES = 3
MAX_BACKOFF_SECONDS = 15.0

Effect = Callable[[Transaction, Event], Awaitable[None]]

log = structlog.get_logger(__name__)
handled = Counter("roadworthy_events_handled_total", "By outcome", ["consumer", "outcome"])

# One statement for both questions: what is behind something that is parked, and what is new.
_BEGIN = Prepared(
    text("""
WITH blocked AS (
    SELECT DISTINCT key FROM parked
    WHERE consumer = :consumer AND key = ANY (:keys) AND NOT CAST(:again AS boolean)
),
first_time AS (
    INSERT INTO inbox (consumer, event_id)
    SELECT :consumer, event_id
    FROM unnest(CAST(:ids AS text[]), CAST(:keys AS text[])) AS batch (event_id, key)
    WHERE key NOT IN (SELECT key FROM blocked)
    ON CONFLICT DO NOTHING RETURNING event_id
)
SELECT key, NULL AS event_id FROM blocked UNION ALL SELECT NULL, event_id FROM first_time
""")
)


class Inbox:
    """One consumer: which effect each event type has; types without one are passed by.

    The key `*` is for a consumer that takes every type.
    """

    def __init__(self, consumer: str, database: Database, effects: Mapping[str, Effect]) -> None:
        self.consumer = consumer
        self._database = database
        self._effects = effects

    async def receive(self, records: Records) -> None:
        """Have the effects of a batch; returns once all of it is committed or parked.

        Raises when something could be neither; the batch must then be received again.
        """
        batch = [received for record in records if (received := self._read(record))]
        if not batch:
            return
        backoff = 0.2
        while True:
            try:
                await self._all_at_once(batch)
            except Exception as error:
                if not _passes(error):
                    break
                log.warning("inbox.waiting", consumer=self.consumer, error=repr(error))
                await asyncio.sleep(backoff)
                backoff = min(backoff * 2, MAX_BACKOFF_SECONDS)
            else:
                return
        for received in batch:
            await self._alone(received)

    async def replay(self, *, key: str | None = None, limit: int = 100) -> int:
        """Try parked events again, oldest first, a key stopping at its first failure.

        Returns how many had their effect.
        """
        done, stuck = 0, set[str]()
        async with self._database.reading() as connection:
            waiting = await parking.waiting(connection, self.consumer, key=key, limit=limit)
        for received in waiting:
            if received.key in stuck:
                continue
            try:
                async with self._database.transaction() as work:
                    _, first_time = await self._begin(work, [received], again=True)
                    await self._have_effects(work, [received], first_time)
                    await parking.release(work.connection, self.consumer, received)
                done += 1
            except Exception as error:
                log.warning("inbox.still_poison", event_id=received.event_id, error=repr(error))
                stuck.add(received.key)
        return done

    def _read(self, record: ConsumerRecord[bytes, bytes]) -> Received | None:
        received = Received.of(record)
        if received.event and not self._effect(received.event.type):
            return None
        return received

    def _effect(self, event_type: str) -> Effect | None:
        return self._effects.get(event_type) or self._effects.get("*")

    async def _all_at_once(self, batch: Sequence[Received]) -> None:
        async with self._database.transaction() as work:
            blocked, first_time = await self._begin(work, batch)
            clear = [received for received in batch if received.key not in blocked]
            await self._have_effects(work, clear, first_time)
            for received in batch:
                if received.key in blocked:
                    reason = "an earlier event of its key is parked"
                    await parking.park(work.connection, self.consumer, received, reason)
        handled.labels(self.consumer, "effect").inc(len(clear))

    async def _begin(
        self, work: Transaction, batch: Sequence[Received], *, again: bool = False
    ) -> tuple[set[str], set[str]]:
        """Note what is received; return the keys that wait for something parked, and new ids."""
        rows = await _BEGIN.rows(
            work.connection,
            {
                "consumer": self.consumer,
                "ids": [received.event_id for received in batch],
                "keys": [received.key for received in batch],
                "again": again,
            },
        )
        blocked = {row["key"] for row in rows if row["event_id"] is None}
        return blocked, {row["event_id"] for row in rows if row["event_id"] is not None}

    async def _have_effects(
        self, work: Transaction, batch: Sequence[Received], first_time: set[str]
    ) -> None:
        for received in batch:
            if received.event_id not in first_time:
                continue
            # The same id twice in one batch must count once.
            first_time.discard(received.event_id)
            if received.event is None:
                raise NotAnEvent(received.unreadable)
            effect = self._effect(received.event.type)
            if effect is None:
                continue
            with (
                context.following(received.event.correlation_id, received.event.id),
                tracing.consuming(self.consumer, received.event),
            ):
                await effect(work, received.event)

    async def _alone(self, received: Received) -> None:
        tries, backoff = 0, 0.2
        while True:
            try:
                await self._all_at_once([received])
            except Exception as error:
                if not _passes(error):
                    tries += 1
                if tries >= POISON_TRIES or isinstance(error, NotAnEvent):
                    await self._park(received, error)
                    return
                await asyncio.sleep(backoff)
                backoff = min(backoff * 2, MAX_BACKOFF_SECONDS)
            else:
                return

    async def _park(self, received: Received, error: Exception) -> None:
        async with self._database.transaction() as work:
            await parking.park(work.connection, self.consumer, received, repr(error))
        handled.labels(self.consumer, "parked").inc()
        log.error(
            "inbox.parked", consumer=self.consumer, event_id=received.event_id, error=repr(error)
        )


def _passes(error: Exception) -> bool:
    """Tell what may go away by itself (a restart, a deadlock, a full pool) from poison."""
    if isinstance(error, DBAPIError):
        state = getattr(error.orig, "sqlstate", None) or ""
        # Connection, rollback, resources, operator; none at all: a lost connection.
        return error.connection_invalidated or state[:2] in {"", "08", "40", "53", "55", "57"}
    return isinstance(error, PoolTimeout | OSError | TimeoutError)
