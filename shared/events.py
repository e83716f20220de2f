"""An event, and how it looks on Kafka: CloudEvents 1.0 in binary mode.

Source: CloudEvents Kafka protocol binding 1.0.2 and the extensions `sequence`, `partitioning` and
`distributed-tracing`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from shared.contracts import dataschema
from shared.contracts.common import Contract
from shared.ids import new_event_id

MAX_ID_CHARACTERS = 255


class NotAnEvent(ValueError):
    """A record on a topic that isn't a CloudEvent of ours; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What a service wants published: the rest of the envelope is drawn from the transaction."""

    type: str
    subject: str
    partner_id: str
    sequence: int
    data: Contract
    id: str = field(default_factory=new_event_id)
    """Known before the commit, so that a record of the change can name its event."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event as it is logged and sent; `data` is its JSON text, the same to the byte for ever."""

    id: str
    type: str
    source: str
    subject: str
    time: datetime
    sequence: int
    partner_id: str
    correlation_id: str
    causation_id: str | None
    traceparent: str | None
    data: str

    def headers(self) -> list[tuple[str, bytes]]:
        """Render the envelope as Kafka headers."""
        named = {
            "ce_specversion": "1.0",
            "ce_id": self.id,
            "ce_type": self.type,
            "ce_source": self.source,
            "ce_subject": self.subject,
            "ce_time": self.time.isoformat().replace("+00:00", "Z"),
            "ce_dataschema": dataschema(self.type),
            # The extension orders as text, so the number is padded.
            "ce_sequence": f"{self.sequence:020d}",
            "ce_partnerid": self.partner_id,
            "ce_correlationid": self.correlation_id,
            "ce_causationid": self.causation_id,
            "ce_traceparent": self.traceparent,
            "content-type": "application/json",
        }
        return [(name, text.encode()) for name, text in named.items() if text is not None]


@dataclass(frozen=True, slots=True)
class Pending:
    """An event that is owed, and the outbox row that says so."""

    position: int
    event: Event


def from_record(headers: Iterable[tuple[str, bytes]], value: bytes | None) -> Event:
    """Read an event off a Kafka record; raises NotAnEvent when it can't be one."""
    try:
        # Other headers are none of our business, and may be anything: null, or no text.
        named = {name: raw.decode() for name, raw in headers if name.startswith("ce_")}
        if value is None:
            raise NotAnEvent("the record has no body")
        event = Event(
            id=named["ce_id"],
            type=named["ce_type"],
            source=named["ce_source"],
            subject=named["ce_subject"],
            time=datetime.fromisoformat(named["ce_time"]),
            sequence=int(named["ce_sequence"]),
            partner_id=named["ce_partnerid"],
            correlation_id=named.get("ce_correlationid", named["ce_id"]),
            causation_id=named.get("ce_causationid"),
            traceparent=named.get("ce_traceparent"),
            data=value.decode(),
        )
        if len(event.id) > MAX_ID_CHARACTERS or not event.id.isprintable():
            raise NotAnEvent("the record's ce_id can't be kept")
        if event.time.tzinfo is None:
            raise NotAnEvent("the record's ce_time has no zone")
        return event
    except KeyError as missing:
        raise NotAnEvent(f"the record has no header {missing}") from missing
    except NotAnEvent:
        raise
    except (ValueError, AttributeError) as unreadable:
        raise NotAnEvent(f"the record can't be read: {unreadable}") from unreadable
