"""Events as the other services publish them: golden examples, changed where a test cares."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer

from shared.contracts import CONTRACTS, topic_of
from shared.events import Event
from shared.ids import new_event_id, new_id
from shared.kafka import Kafka

EXAMPLES = Path("shared/contracts/examples")


def event(
    event_type: str,
    *,
    partner_id: str,
    subject: str | None = None,
    sequence: int = 1,
    **changes: Any,
) -> Event:
    """Make an event; `changes` replace members of its example's data."""
    data = json.loads((EXAMPLES / f"{event_type}.json").read_text())
    data |= {"partner_id": partner_id} if "partner_id" in data else {}
    data |= changes
    event_id = new_event_id()
    return Event(
        id=event_id,
        type=event_type,
        source="/test",
        subject=subject or data.get("id") or new_id("bkg"),
        time=datetime.now(UTC),
        sequence=sequence,
        partner_id=partner_id,
        correlation_id=event_id,
        causation_id=None,
        traceparent=None,
        data=CONTRACTS[event_type].model_validate(data).model_dump_json(),
    )


async def publish(kafka: Kafka, *events: Event) -> None:
    """Put events on their topics, as a relay does."""
    async with kafka.producer() as producer:
        for each in events:
            await _send(kafka, producer, each)


async def _send(kafka: Kafka, producer: AIOKafkaProducer, each: Event) -> None:
    await producer.send_and_wait(
        kafka.topic(topic_of(each.type)),
        value=each.data.encode(),
        key=each.subject.encode(),
        headers=each.headers(),
    )
