"""Every service's subscriber has the one policy of decision 5.

FastStream's default acknowledges first, and so loses what a crash interrupts.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from faststream import AckPolicy
from faststream.kafka import KafkaBroker

from infra.notifying import SECRETS_KEY
from roadworthy.composition import build, settings_of
from shared.contracts import TOPICS
from shared.kafka import Subscription
from shared.service import Service

CONSUMERS = sorted(path.parent.name for path in Path("services").glob("*/consumers.py"))
UNUSED = {
    "database_url": "postgresql+asyncpg://localhost/unused",
    "webhook_secrets_key": SECRETS_KEY,
    "booking_links_key": SECRETS_KEY,
}


@pytest.fixture(params=CONSUMERS)
def service(request: pytest.FixtureRequest) -> Service:
    return build(request.param, settings_of(request.param, fixed=UNUSED))


@pytest.fixture
def broker(service: Service) -> KafkaBroker:
    consumer = service.parts["consumer"]
    assert isinstance(consumer, Subscription)
    return consumer._make()


def test_it_acknowledges_by_hand_and_reads_from_the_beginning(
    broker: KafkaBroker, service: Service
) -> None:
    [subscriber] = broker.subscribers
    assert subscriber.ack_policy is AckPolicy.MANUAL
    assert subscriber.group_id == service.name
    arguments = subscriber._connection_args
    assert arguments["auto_offset_reset"] == "earliest"
    assert not arguments["enable_auto_commit"]


def test_it_reads_the_topics_that_its_effects_need_and_no_other(
    broker: KafkaBroker, service: Service
) -> None:
    [subscriber] = broker.subscribers
    assert service.inbox is not None
    effects = set(service.inbox._effects)
    read = {topic: TOPICS[topic].keys() for topic in subscriber.topic_names}
    assert effects - {"*"} <= {event_type for types in read.values() for event_type in types}
    assert "*" in effects or all(effects & types for types in read.values())


async def test_one_that_was_never_started_is_not_ready_and_stops(service: Service) -> None:
    assert not await service.parts["consumer"].ready()
    await service.parts["consumer"].stop()
