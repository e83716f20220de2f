"""The `events` log and its `outbox`: an event stands in the log, its pending row in the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    UUID,
    BigInteger,
    DateTime,
    Text,
    bindparam,
    cast,
    column,
    func,
    insert,
    select,
    table,
)
from sqlalchemy.types import TypeEngine

from shared import context, tracing
from shared.contracts import topic_of
from shared.events import Outgoing
from shared.statements import Addition

MAX_EVENT_BYTES = 900_000
"""Below the broker's usual limit of 1 MiB a message, envelope included."""

_COLUMNS: dict[str, TypeEngine[Any]] = {
    "id": UUID(as_uuid=False),
    "type": Text(),
    "subject": Text(),
    "sequence": BigInteger(),
    "partner_id": Text(),
    "correlation_id": Text(),
    "causation_id": Text(),
    "traceparent": Text(),
    "data": Text(),
}
_events = table("events", *map(column, ("position", "recorded_at", "source", "time", *_COLUMNS)))
_outbox = table("outbox", column("position"), column("recorded_at"))

# One statement however many events: half the round trips of one insert for each table.
_new = (
    func.unnest(*(bindparam(f"event_{name}", type_=ARRAY(kind)) for name, kind in _COLUMNS.items()))
    .table_valued(*_COLUMNS)
    .render_derived()
)
_logged = (
    insert(_events)
    .from_select(
        ["source", "time", *_COLUMNS],
        select(
            bindparam("event_source", type_=Text),
            bindparam("event_time", type_=DateTime(timezone=True)),
            *(_new.c[name] for name in _COLUMNS if name != "data"),
            cast(_new.c.data, JSON),
        ),
    )
    .returning(_events.c.position, _events.c.recorded_at)
    .cte("logged")
)
_ADD = insert(_outbox).from_select(["position", "recorded_at"], select(_logged))


class EventTooLarge(ValueError):
    """The event's data wouldn't fit a broker's message."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event that a command tells of, with what it follows from at that moment."""

    event: Outgoing
    correlation_id: str | None = field(default_factory=context.correlation_id)
    causation_id: str | None = field(default_factory=context.causation_id)
    traceparent: str | None = field(default_factory=tracing.traceparent)


def addition(told: Sequence[Told], *, now: datetime, source: str) -> Addition:
    """Log the events and mark them as owed.

    Raises EventTooLarge, or KeyError for a type that no topic has.
    """
    data = [each.event.data.model_dump_json() for each in told]
    for each, json in zip(told, data, strict=True):
        topic_of(each.event.type)
        if len(json.encode()) > MAX_EVENT_BYTES:
            what = f"{each.event.type} of {each.event.subject}"
            raise EventTooLarge(f"{what} passes {MAX_EVENT_BYTES} bytes")
    return Addition(
        (_ADD,),
        {
            "event_source": source,
            "event_time": now,
            "event_id": [each.event.id for each in told],
            "event_type": [each.event.type for each in told],
            "event_subject": [each.event.subject for each in told],
            "event_sequence": [each.event.sequence for each in told],
            "event_partner_id": [each.event.partner_id for each in told],
            "event_correlation_id": [each.correlation_id or told[0].event.id for each in told],
            "event_causation_id": [each.causation_id for each in told],
            "event_traceparent": [each.traceparent for each in told],
            "event_data": data,
        },
    )
