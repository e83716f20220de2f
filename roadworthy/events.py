"""`roadworthy events tail`: what travels on the topics, as any Kafka client may read it."""

from __future__ import annotations

import fnmatch
import json
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict

import typer
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaConnectionError, UnknownTopicOrPartitionError

from roadworthy.embedded.errors import PartError
from shared.contracts import TOPICS
from shared.events import Event, NotAnEvent, from_record
from shared.kafka import REQUEST_MS

POLL_MS = 500

# Of a broker that isn't there the error tells, once.
logging.getLogger("aiokafka").setLevel(logging.CRITICAL)


async def tail(
    bootstrap: str, patterns: Sequence[str], *, prefix: str, from_start: bool
) -> AsyncIterator[Event]:
    """Yield events as they come, without joining a group; patterns such as `service.*`, or all.

    Raises PartError where there is no broker, or it has no such topics.
    """
    consumer = AIOKafkaConsumer(
        *(prefix + topic for topic in TOPICS),
        bootstrap_servers=bootstrap,
        auto_offset_reset="earliest" if from_start else "latest",
        request_timeout_ms=REQUEST_MS,
    )
    try:
        await consumer.start()
        while True:
            batches = await consumer.getmany(timeout_ms=POLL_MS)
            records = [record for batch in batches.values() for record in batch]
            for record in sorted(records, key=lambda record: record.timestamp):
                try:
                    event = from_record(record.headers, record.value)
                except NotAnEvent:
                    continue
                if not patterns or any(fnmatch.fnmatch(event.type, each) for each in patterns):
                    yield event
    except KafkaConnectionError as error:
        raise PartError(f"No broker answers at {bootstrap}: roadworthy up") from error
    except UnknownTopicOrPartitionError as error:
        said = f"The broker at {bootstrap} has no topics of ours"
        raise PartError(f"{said} whose names begin with '{prefix}' (--prefix)") from error
    finally:
        await consumer.stop()


async def print_tail(
    bootstrap: str, patterns: Sequence[str], *, prefix: str, from_start: bool, as_json: bool
) -> None:
    """Print events until cancelled: two lines each, or one JSON object."""
    async for event in tail(bootstrap, patterns, prefix=prefix, from_start=from_start):
        if as_json:
            whole = asdict(event) | {"time": event.time.isoformat(), "data": json.loads(event.data)}
            typer.echo(json.dumps(whole))
        else:
            when = f"{event.time:%H:%M:%S.%f}"[:-3]
            typer.echo(
                f"{when} {event.type:20} {event.subject} #{event.sequence}\n    {event.data}"
            )
