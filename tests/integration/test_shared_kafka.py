"""What the relay asks the broker before it leads."""

import pytest

from infra.running import bus_settings
from infra.servers import INFRA
from shared.kafka import Kafka
from shared.settings import ServiceSettings


@pytest.fixture
def kafka(kafka_bootstrap: str, topic_prefix: str) -> Kafka:
    bus = bus_settings(kafka_bootstrap, topic_prefix, embedded=INFRA == "embedded")
    return Kafka(ServiceSettings(database_url="postgresql+asyncpg://", **bus))


async def test_a_partition_ends_after_its_last_message_and_at_0_where_there_is_none(
    kafka: Kafka,
) -> None:
    await kafka.create_topics(["quote.events"])
    quotes = kafka.topic("quote.events")
    async with kafka.producer() as producer:
        for key in (b"a", b"b", b"c"):
            await producer.send_and_wait(quotes, b"x", key=key, partition=1)
    places = [(quotes, 0), (quotes, 1), (quotes, 99), (kafka.topic("gone"), 0)]
    assert await kafka.end_offsets(places) == dict(zip(places, [0, 3, 0, 0], strict=True))


async def test_asking_makes_no_topic(kafka: Kafka) -> None:
    gone = [(kafka.topic("gone"), 0)]
    assert await kafka.end_offsets(gone) == {gone[0]: 0}
    assert await kafka.end_offsets(gone) == {gone[0]: 0}
