"""A broker dies with its log and comes back empty: every webhook arrives, by its one id."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.delivering import Receivers, complaints, receivers
from infra.notifying import notifier_settings
from infra.plumbing import driverless, happened, rows, told
from infra.running import bus_settings, running
from infra.servers import INFRA
from infra.waiting import eventually
from infra.webhooks import Subscriber
from roadworthy.embedded.broker import Broker
from services.notifier.main import build
from shared.database import Database
from shared.events import Event
from shared.ids import new_id
from shared.relay import Relay

pytestmark = pytest.mark.skipif(
    INFRA != "embedded", reason="Kafka keeps its log; test_shared_relay_republish deletes a topic"
)


@pytest_asyncio.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    async with Broker(tmp_path / "broker") as made:
        yield made


@pytest_asyncio.fixture
async def listening() -> AsyncIterator[Receivers]:
    async with receivers() as made:
        yield made


async def publish(database: Database, dealer: Subscriber, subject: str, *sequences: int) -> None:
    for sequence in sequences:
        async with database.transaction() as work:
            work.publish(replace(told(subject, sequence), partner_id=dealer.partner_id))


async def acknowledged(database: Database) -> bool:
    return not await rows(database, "SELECT position FROM outbox")


async def promised(database: Database) -> list[Event]:
    """List what was committed, and so is owed."""
    found = await rows(database, "SELECT id::text, subject, sequence FROM events ORDER BY position")
    return [
        replace(happened(subject, sequence), id=event_id) for event_id, subject, sequence in found
    ]


@pytest.mark.seed(28, 29)
async def test_a_broker_that_restarts_without_its_log_loses_no_webhook(
    bare: Database,
    bare_url: str,
    database: MakeDatabase,
    broker: Broker,
    listening: Receivers,
    keys: SigningKeys,
) -> None:
    bus: dict[str, Any] = bus_settings(broker.bootstrap, f"test-{new_id('bus')}.", embedded=True)
    service = build(notifier_settings(await database("notifier"), **bus), keys=keys)
    dealer, subject = Subscriber(service, keys), new_id("par")
    async with running(service):
        await dealer.register(f"{listening.origin}/ok", "partner.*")
        relay = Relay("test", driverless(bare_url), service.kafka)
        bare.on_publish(relay.wake)
        await relay.start()
        try:
            await publish(bare, dealer, subject, 1, 2, 3)
            await eventually(lambda: len(listening.at("/ok")) >= 2, 20)
            await service.parts["consumer"].stop()
            await publish(bare, dealer, subject, 4)
            await eventually(lambda: acknowledged(bare))  # and read by nobody
            os.kill(broker.pid or 0, signal.SIGKILL)
            await publish(bare, dealer, subject, 5, 6)
            await eventually(lambda: broker.pid is None)
            await broker.start()
            await service.kafka.create_topics()
            await asyncio.gather(service.restart_bus(), relay.stop())
            await relay.start()
            await publish(bare, dealer, subject, 7)
            owed = await promised(bare)
            await eventually(lambda: listening.has_all("/ok", owed), 40)
        finally:
            await relay.stop()

    # The event that finds the loss out may overtake those that are published again for it.
    assert complaints(owed, listening.at("/ok"), ordered=False) == []
    assert [each.sequence for each in owed] == [1, 2, 3, 4, 5, 6, 7]
