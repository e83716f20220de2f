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
from sqlalchemy import text

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.delivering import Receivers, complaints, receivers
from infra.notifying import notifier_settings
from infra.plumbing import driverless, promised, rows, told
from infra.running import bus_settings, running
from infra.servers import INFRA
from infra.waiting import eventually
from infra.webhooks import Subscriber
from roadworthy.embedded.broker import Broker
from services.notifier.main import build
from shared.database import Database
from shared.ids import new_id
from shared.relay import Relay
from shared.service import Service

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


async def waits_for_lock(database: Database) -> bool:
    query = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'inbox'::regclass"
    return bool(await rows(database, query))


async def acknowledged(database: Database) -> bool:
    return not await rows(database, "SELECT position FROM outbox")


class LosableBus:
    """A notifier and somebody who publishes, on one broker that can be lost."""

    def __init__(self, service: Service, relay: Relay, broker: Broker) -> None:
        self.service = service
        self.relay = relay
        self.broker = broker

    async def kill(self) -> None:
        os.kill(self.broker.pid or 0, signal.SIGKILL)
        await eventually(lambda: self.broker.pid is None)

    async def leave(self) -> None:
        await asyncio.gather(self.service.leave_bus(), self.relay.stop())

    async def join(self) -> None:
        """Do as the launcher does once all have left."""
        await self.broker.start()
        await self.service.kafka.create_topics()
        await asyncio.gather(self.service.join_bus(), self.relay.start())


@pytest_asyncio.fixture
async def lost(
    bare: Database, bare_url: str, database: MakeDatabase, broker: Broker, keys: SigningKeys
) -> AsyncIterator[LosableBus]:
    bus: dict[str, Any] = bus_settings(broker.bootstrap, f"test-{new_id('bus')}.", embedded=True)
    service = build(notifier_settings(await database("notifier"), **bus), keys=keys)
    relay = Relay("test", driverless(bare_url), service.kafka)
    bare.on_publish(relay.wake)
    async with running(service):
        await relay.start()
        try:
            yield LosableBus(service, relay, broker)
        finally:
            await relay.stop()


@pytest.mark.seed(28, 29)
async def test_a_broker_that_restarts_without_its_log_loses_no_webhook_and_no_order(
    lost: LosableBus, bare: Database, listening: Receivers, keys: SigningKeys
) -> None:
    dealer, subject = Subscriber(lost.service, keys), new_id("par")
    await dealer.register(f"{listening.origin}/ok", "partner.*", ordered=True)
    await publish(bare, dealer, subject, 1, 2, 3)
    await eventually(lambda: len(listening.at("/ok")) >= 2, 20)
    await lost.service.parts["consumer"].stop()
    await publish(bare, dealer, subject, 4)
    await eventually(lambda: acknowledged(bare))  # and read by nobody
    await lost.kill()
    await publish(bare, dealer, subject, 5, 6)  # on its way when the broker is there again
    await lost.leave()
    await lost.join()
    await publish(bare, dealer, subject, 7)
    owed = await promised(bare)
    await eventually(lambda: listening.has_all("/ok", owed), 40)

    assert complaints(owed, listening.at("/ok"), ordered=True) == []
    assert [each.sequence for each in owed] == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.seed(28, 29)
async def test_what_is_in_hand_while_the_broker_is_lost_hides_nothing_of_the_new_log(
    lost: LosableBus, bare: Database, listening: Receivers, keys: SigningKeys
) -> None:
    """The batch is done later, and acknowledged: by offsets of a log that isn't there any more."""
    dealer, subject = Subscriber(lost.service, keys), new_id("par")
    await dealer.register(f"{listening.origin}/ok", "partner.*", ordered=True)
    async with lost.service.database.transaction() as elsewhere:
        await elsewhere.connection.execute(text("LOCK TABLE inbox IN EXCLUSIVE MODE"))
        await publish(bare, dealer, subject, 1, 2, 3)
        await eventually(lambda: acknowledged(bare))
        await eventually(lambda: waits_for_lock(lost.service.database))
        await publish(bare, dealer, subject, 4, 5)
        await eventually(lambda: acknowledged(bare))
        await lost.kill()
        leaving = asyncio.create_task(lost.leave())
    await leaving
    await lost.join()
    owed = await promised(bare)
    await eventually(lambda: listening.has_all("/ok", owed), 40)

    assert complaints(owed, listening.at("/ok"), ordered=True) == []
