"""What the relay reads and writes, on one connection of its own that also holds its lead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import asyncpg
from aiokafka.structs import RecordMetadata

from shared.events import Event, Pending

# Any constant will do: each service has a database to itself.
LEAD = 0x0AD_0001
CHANNEL = "outbox"

_NEXT = """
SELECT o.position, e.id::text, e.type, e.source, e.subject, e."time", e.sequence, e.partner_id,
       e.correlation_id, e.causation_id, e.traceparent, e.data::text
FROM outbox o JOIN events e USING (recorded_at, position)
WHERE o.position <> ALL ($2::bigint[])
ORDER BY o.position LIMIT $1
"""

# A relay that lost its lead without noticing must not touch what its successor works on.
_LEADS = "SELECT 1 FROM relay_state WHERE epoch = $1 FOR SHARE"
_SETTLE = """
WITH leader AS (SELECT FROM relay_state WHERE epoch = $1 FOR SHARE),
sent AS (DELETE FROM outbox WHERE position = ANY ($2) AND EXISTS (SELECT FROM leader))
INSERT INTO relay_marks (topic, partition, next_offset)
SELECT * FROM unnest($3::text[], $4::integer[], $5::bigint[]) WHERE EXISTS (SELECT FROM leader)
ON CONFLICT (topic, partition) DO UPDATE SET next_offset = EXCLUDED.next_offset
RETURNING 1
"""


class LeadLost(ConnectionError):
    """Another relay took over; this one has to stand for the lead again."""


class RelayStore:
    """The relay's own connection: its advisory lock is the lead, its epoch the fence."""

    def __init__(self, connection: asyncpg.Connection[Any]) -> None:
        self._connection = connection
        self._marks: dict[tuple[str, int], int] = {}
        self.epoch = 0

    @classmethod
    async def connect(cls, dsn: str) -> RelayStore:
        """Connect; raises OSError or PostgresError.

        Its commits aren't waited for: one that a crash undoes has events sent again, and the
        marks go back with them.
        """
        connection = await asyncpg.connect(
            dsn, timeout=5, command_timeout=30, server_settings={"synchronous_commit": "off"}
        )
        return cls(connection)

    async def close(self) -> None:
        """Give up the connection, and with it the lead."""
        try:
            await self._connection.close(timeout=2)
        except (TimeoutError, OSError):
            self._connection.terminate()

    async def take_lead(self, on_hint: Callable[[], None]) -> bool:
        """Try to become the one active relay, which other processes then give hints to."""
        if not await self._connection.fetchval("SELECT pg_try_advisory_lock($1)", LEAD):
            return False
        self.epoch = await self._connection.fetchval(
            "UPDATE relay_state SET epoch = epoch + 1 RETURNING epoch"
        )
        # Only now: one that stands by would hear its own hint, and pass it on for ever.
        await self._connection.add_listener(CHANNEL, lambda *_: on_hint())
        return True

    async def pass_hint_on(self) -> None:
        """Tell the active relay, in whichever process it is; after the commit, never inside it."""
        await self._connection.execute(f"NOTIFY {CHANNEL}")

    async def next_batch(self, limit: int, besides: Sequence[Pending] = ()) -> list[Pending]:
        """Read the oldest events that are owed, leaving out those that are being sent."""
        # No `position > last`: an event that was committed late has to go before its followers.
        rows = await self._connection.fetch(_NEXT, limit, [sent.position for sent in besides])
        return [Pending(row[0], Event(*row[1:])) for row in rows]

    async def marks(self) -> dict[tuple[str, int], int]:
        """Read how far each partition was acknowledged: the offset that comes next."""
        rows = await self._connection.fetch("SELECT topic, partition, next_offset FROM relay_marks")
        self._marks = {(topic, partition): offset for topic, partition, offset in rows}
        return self._marks

    def mark(self, topic: str, partition: int) -> int:
        """Return the offset that must come next at the least."""
        return self._marks.get((topic, partition), 0)

    async def settle(self, acknowledged: Sequence[tuple[Pending, RecordMetadata]]) -> None:
        """Drop what the broker has; raises LeadLost when another relay has taken over."""
        if not acknowledged:
            return
        marks: dict[tuple[str, int], int] = {}
        for _, meta in acknowledged:
            place = meta.topic, meta.partition
            marks[place] = max(marks.get(place, 0), meta.offset + 1)
        settled = await self._connection.fetch(
            _SETTLE,
            self.epoch,
            [pending.position for pending, _ in acknowledged],
            [topic for topic, _ in marks],
            [partition for _, partition in marks],
            list(marks.values()),
        )
        if not settled:
            raise LeadLost("another relay leads")
        self._marks |= marks

    async def refill(self, topic: str, types: list[str]) -> int:
        """Owe a topic's whole log again, since its broker forgot it; returns how many events.

        Raises LeadLost when another relay has taken over.
        """
        async with self._connection.transaction():
            if not await self._connection.fetch(_LEADS, self.epoch):
                raise LeadLost("another relay leads")
            await self._connection.execute("DELETE FROM relay_marks WHERE topic = $1", topic)
            status = await self._connection.execute(
                """INSERT INTO outbox (position, recorded_at)
                   SELECT position, recorded_at FROM events WHERE type = ANY ($1)
                   ON CONFLICT DO NOTHING""",
                types,
                timeout=300,
            )
        for place in [place for place in self._marks if place[0] == topic]:
            del self._marks[place]
        return int(status.rpartition(" ")[2])
