"""Events that an effect couldn't be had of, kept whole until somebody replays them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import orjson
from aiokafka import ConsumerRecord
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.events import Event, NotAnEvent, from_record

ERROR_CHARACTERS = 2000
KEY_CHARACTERS = 255
"""What an index can take for sure; keys that differ only later wait for one another."""

_PARK = text("""
INSERT INTO parked (consumer, event_id, key, origin, headers, value, error)
VALUES (:consumer, :event_id, :key, :origin, CAST(:headers AS json), :value, :error)
ON CONFLICT DO NOTHING
""")
_WAITING = text("""
SELECT event_id, key, origin, headers, value FROM parked
WHERE consumer = :consumer AND (CAST(:key AS text) IS NULL OR key = :key)
ORDER BY position LIMIT :limit
""")
_RELEASE = text("DELETE FROM parked WHERE consumer = :consumer AND event_id = :event_id")


@dataclass(frozen=True, slots=True)
class Received:
    """A record off a topic, read as far as it can be."""

    event_id: str
    key: str
    origin: str
    headers: tuple[tuple[str, bytes], ...]
    value: bytes | None
    event: Event | None
    unreadable: str

    @classmethod
    def of(cls, record: ConsumerRecord[bytes, bytes]) -> Received:
        """Read a record; one that is no event gets its place as its id."""
        origin = f"{record.topic}/{record.partition}/{record.offset}"
        key = (record.key or origin.encode()).decode(errors="backslashreplace")
        key = key.replace("\x00", r"\x00")[:KEY_CHARACTERS]
        return cls.read(origin, key, readable(record.headers), record.value)

    @classmethod
    def read(
        cls, origin: str, key: str, headers: tuple[tuple[str, bytes], ...], value: bytes | None
    ) -> Received:
        """Read what was kept of a record."""
        try:
            event = from_record(headers, value)
        except NotAnEvent as unreadable:
            return cls(origin, key, origin, headers, value, None, str(unreadable))
        return cls(event.id, key, origin, headers, value, event, "")


def readable(headers: Iterable[tuple[str, bytes | None]]) -> tuple[tuple[str, bytes], ...]:
    """Make text of any headers, since they may be null or no text at all."""
    return tuple(
        (name, (value or b"").decode(errors="backslashreplace").encode()) for name, value in headers
    )


async def park(connection: AsyncConnection, consumer: str, received: Received, error: str) -> None:
    """Keep an event whole, with why it is here."""
    await connection.execute(
        _PARK,
        {
            "consumer": consumer,
            "event_id": received.event_id,
            "key": received.key,
            "origin": received.origin,
            "headers": orjson.dumps(
                {name: raw.decode() for name, raw in received.headers}
            ).decode(),
            "value": received.value,
            "error": error[:ERROR_CHARACTERS],
        },
    )


async def waiting(
    connection: AsyncConnection, consumer: str, *, key: str | None, limit: int
) -> list[Received]:
    """List what is parked, in the order in which it came."""
    rows = await connection.execute(_WAITING, {"consumer": consumer, "key": key, "limit": limit})
    return [
        Received.read(origin, row_key, _headers(headers), value)
        for _, row_key, origin, headers, value in rows
    ]


async def release(connection: AsyncConnection, consumer: str, received: Received) -> None:
    """Let go of an event that had its effect."""
    await connection.execute(_RELEASE, {"consumer": consumer, "event_id": received.event_id})


def _headers(stored: dict[str, str]) -> tuple[tuple[str, bytes], ...]:
    return tuple((name, value.encode()) for name, value in stored.items())
