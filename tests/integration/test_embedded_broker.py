"""The broker out of the wheel, as a Kafka client sees it."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from infra.waiting import eventually
from roadworthy.embedded.broker import Broker


async def publish(broker: Broker, value: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap, enable_idempotence=False)
    await producer.start()
    try:
        await producer.send_and_wait("cars", value, key=b"key")
    finally:
        await producer.stop()


async def first_message(broker: Broker) -> bytes | None:
    consumer = AIOKafkaConsumer(
        "cars", bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        return (await asyncio.wait_for(consumer.getone(), 10)).value
    finally:
        await consumer.stop()


async def test_any_kafka_client_can_publish_and_read(tmp_path: Path) -> None:
    async with Broker(tmp_path / "broker") as broker:
        await publish(broker, b"repaired")
        assert await first_message(broker) == b"repaired"


async def test_a_killed_broker_starts_again_on_its_port_and_empty(tmp_path: Path) -> None:
    async with Broker(tmp_path / "broker") as broker:
        former = broker.bootstrap
        await publish(broker, b"before")
        os.kill(broker.pid or 0, signal.SIGKILL)
        await eventually(lambda: broker.pid is None)
        assert not await broker.health()

        await broker.start()
        assert broker.bootstrap == former
        await publish(broker, b"after")
        assert await first_message(broker) == b"after"


async def test_it_stops_at_once_though_clients_are_connected(tmp_path: Path) -> None:
    async with Broker(tmp_path / "broker") as broker:
        producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap, enable_idempotence=False)
        await producer.start()
        before = time.monotonic()
        await broker.stop()
        assert time.monotonic() - before < 3
        assert broker.pid is None
        await producer.stop()


async def test_a_taken_port_is_left_to_its_holder(tmp_path: Path) -> None:
    async with Broker(tmp_path / "broker") as broker:
        former = broker.port
    with socket.create_server(("127.0.0.1", former)):
        async with Broker(tmp_path / "broker") as broker:
            assert broker.port != former
            assert await broker.health()


FIRST_START = """
import os, sys
from roadworthy.embedded.broker import broker_binary
print("here", flush=True)
sys.stdin.readline()
print(os.stat(broker_binary()).st_ino)
"""


def test_of_several_first_starts_none_replaces_what_another_starts(tmp_path: Path) -> None:
    starting = [
        subprocess.Popen(
            [sys.executable, "-c", FIRST_START],
            env=os.environ | {"HOME": str(tmp_path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(8)
    ]
    for process in starting:
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
    for process in starting:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=30)[0] for process in starting]
    assert len(set(answers)) == 1, answers
    assert answers[0].strip().isdecimal()
