"""The `events` log and its `outbox`: an event stands in the log, its pending row in the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from opentelemetry import propagate
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared import context
from shared.contracts import topic_of
from shared.events import Event, Outgoing

MAX_EVENT_BYTES = 900_000
"""Below the broker's usual limit of 1 MiB a message, envelope included."""

# One statement however many events: half the round trips of one insert for each table.
_ADD = text("""
WITH logged AS (
    INSERT INTO events (id, type, source, subject, "time", sequence, partner_id,
                        correlation_id, causation_id, traceparent, data)
    SELECT id, type, :source, subject, :time, sequence, partner_id,
           :correlation_id, :causation_id, :traceparent, data::json
    FROM unnest(CAST(:ids AS uuid[]), CAST(:types AS text[]), CAST(:subjects AS text[]),
                CAST(:sequences AS bigint[]), CAST(:partners AS text[]), CAST(:data AS text[]))
         AS new (id, type, subject, sequence, partner_id, data)
    RETURNING position, recorded_at
)
INSERT INTO outbox (position, recorded_at) SELECT position, recorded_at FROM logged
""")


class EventTooLarge(ValueError):
    """The event's data wouldn't fit a broker's message."""


async def add(
    connection: AsyncConnection, outgoing: Sequence[Outgoing], *, now: datetime, source: str
) -> list[Event]:
    """Log the events and mark them as owed.

    Raises EventTooLarge, or KeyError for a type that no topic has, before anything is written.
    """
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    correlation = context.correlation_id() or outgoing[0].id
    made = [
        Event(
            id=event.id,
            type=event.type,
            source=source,
            subject=event.subject,
            time=now,
            sequence=event.sequence,
            partner_id=event.partner_id,
            correlation_id=correlation,
            causation_id=context.causation_id(),
            traceparent=carrier.get("traceparent"),
            data=event.data.model_dump_json(),
        )
        for event in outgoing
    ]
    for event in made:
        topic_of(event.type)
        if len(event.data.encode()) > MAX_EVENT_BYTES:
            raise EventTooLarge(f"{event.type} of {event.subject} passes {MAX_EVENT_BYTES} bytes")
    await connection.execute(
        _ADD,
        {
            "source": source,
            "time": now,
            "correlation_id": correlation,
            "causation_id": made[0].causation_id,
            "traceparent": made[0].traceparent,
            "ids": [event.id for event in made],
            "types": [event.type for event in made],
            "subjects": [event.subject for event in made],
            "sequences": [event.sequence for event in made],
            "partners": [event.partner_id for event in made],
            "data": [event.data for event in made],
        },
    )
    return made
