"""The `events` log and its `outbox`: an event stands in the log, its pending row in the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared import context, tracing
from shared.contracts import topic_of
from shared.events import Outgoing

MAX_EVENT_BYTES = 900_000
"""Below the broker's usual limit of 1 MiB a message, envelope included."""

# One statement however many events: half the round trips of one insert for each table.
_ADD = text("""
WITH logged AS (
    INSERT INTO events (id, type, source, subject, "time", sequence, partner_id,
                        correlation_id, causation_id, traceparent, data)
    SELECT id, type, :source, subject, :time, sequence, partner_id,
           correlation_id, causation_id, traceparent, data::json
    FROM unnest(CAST(:ids AS uuid[]), CAST(:types AS text[]), CAST(:subjects AS text[]),
                CAST(:sequences AS bigint[]), CAST(:partners AS text[]),
                CAST(:correlations AS text[]), CAST(:causations AS text[]),
                CAST(:traceparents AS text[]), CAST(:data AS text[]))
         AS new (id, type, subject, sequence, partner_id,
                 correlation_id, causation_id, traceparent, data)
    RETURNING position, recorded_at
)
INSERT INTO outbox (position, recorded_at) SELECT position, recorded_at FROM logged
""")


class EventTooLarge(ValueError):
    """The event's data wouldn't fit a broker's message."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event that a command tells of, with what it follows from at that moment."""

    event: Outgoing
    correlation_id: str | None = field(default_factory=context.correlation_id)
    causation_id: str | None = field(default_factory=context.causation_id)
    traceparent: str | None = field(default_factory=tracing.traceparent)


async def add(
    connection: AsyncConnection, told: Sequence[Told], *, now: datetime, source: str
) -> None:
    """Log the events and mark them as owed.

    Raises EventTooLarge, or KeyError for a type that no topic has, before anything is written.
    """
    data = [each.event.data.model_dump_json() for each in told]
    for each, json in zip(told, data, strict=True):
        topic_of(each.event.type)
        if len(json.encode()) > MAX_EVENT_BYTES:
            what = f"{each.event.type} of {each.event.subject}"
            raise EventTooLarge(f"{what} passes {MAX_EVENT_BYTES} bytes")
    await connection.execute(
        _ADD,
        {
            "source": source,
            "time": now,
            "ids": [each.event.id for each in told],
            "types": [each.event.type for each in told],
            "subjects": [each.event.subject for each in told],
            "sequences": [each.event.sequence for each in told],
            "partners": [each.event.partner_id for each in told],
            "correlations": [each.correlation_id or told[0].event.id for each in told],
            "causations": [each.causation_id for each in told],
            "traceparents": [each.traceparent for each in told],
            "data": data,
        },
    )
