"""The `events` log and its `outbox`: an event stands in the log, its pending row in the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg
import orjson
from sqlalchemy import (
    JSON,
    UUID,
    BigInteger,
    ColumnClause,
    DateTime,
    Text,
    column,
    insert,
    select,
    table,
)

from shared import context, tracing
from shared.contracts import topic_of
from shared.events import Event, Outgoing, Pending
from shared.statements import Addition, given

MAX_EVENT_BYTES = 900_000
"""Below the broker's usual limit of 1 MiB a message, envelope included."""

_COLUMNS: list[ColumnClause[Any]] = [
    column("id", UUID(as_uuid=False)),
    column("type", Text),
    column("source", Text),
    column("subject", Text),
    column("time", DateTime(timezone=True)),
    column("sequence", BigInteger),
    column("partner_id", Text),
    column("correlation_id", Text),
    column("causation_id", Text),
    column("traceparent", Text),
    column("data", JSON),
]
_NAMES = [each.name for each in _COLUMNS]
_events = table("events", *map(column, ("position", "recorded_at", *_NAMES)))
_outbox = table("outbox", column("position"), column("recorded_at"))

# One statement however many events: half the round trips of one insert for each table.
_logged = (
    insert(_events)
    .from_select(_NAMES, given("told", _COLUMNS))
    .returning(_events.c.position, _events.c.recorded_at)
    .cte("logged")
)
_ADD = (
    insert(_outbox)
    .from_select(["position", "recorded_at"], select(_logged))
    .returning(_outbox.c.position)
)


class EventTooLarge(ValueError):
    """The event's data wouldn't fit a broker's message."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event that a command tells of, with what it follows from at that moment."""

    event: Outgoing
    correlation_id: str | None = field(default_factory=context.correlation_id)
    causation_id: str | None = field(default_factory=context.causation_id)
    traceparent: str | None = field(default_factory=tracing.traceparent)


def events(told: Sequence[Told], *, now: datetime, source: str) -> list[Event]:
    """Make the events that are logged; raises EventTooLarge, or KeyError for an unknown type."""
    return [
        Event(
            id=each.event.id,
            type=each.event.type,
            source=source,
            subject=each.event.subject,
            time=now,
            sequence=each.event.sequence,
            partner_id=each.event.partner_id,
            correlation_id=each.correlation_id or told[0].event.id,
            causation_id=each.causation_id,
            traceparent=each.traceparent,
            data=_data(each.event),
        )
        for each in told
    ]


def addition(logged: Sequence[Event]) -> Addition:
    """Log the events and mark them as owed; what it returns is for `pending`."""
    rows = [
        {name: getattr(event, name) for name in _NAMES} | {"data": orjson.Fragment(event.data)}
        for event in logged
    ]
    return Addition((_ADD,), {"told": rows})


def pending(logged: Sequence[Event], rows: Sequence[asyncpg.Record]) -> list[Pending]:
    """Say where the events stand in the outbox: positions are drawn in the events' order."""
    positions = sorted(row["position"] for row in rows)
    return [Pending(*each) for each in zip(positions, logged, strict=True)]


def _data(event: Outgoing) -> str:
    topic_of(event.type)
    data = event.data.model_dump_json()
    if len(data.encode()) > MAX_EVENT_BYTES:
        raise EventTooLarge(f"{event.type} of {event.subject} passes {MAX_EVENT_BYTES} bytes")
    return data
