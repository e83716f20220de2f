"""Clocks that jump, a process's and the database's: nothing is lost, or waits for the clock."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from sqlalchemy import text

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.delivering import Receivers, receivers
from infra.faking_time import postgres_with_clock
from infra.feeding import QUICK, Feed, complained, until_all
from infra.notifying import notifier_settings
from infra.receiver import receiving, status
from infra.retrying import Account
from infra.waiting import eventually
from infra.webhooks import Subscriber, at_work
from services.notifier.main import build
from services.notifier.repository.due import next_subjects
from shared.migrations import upgrade
from shared.service import Service

HOURS = timedelta(hours=3)
KILLED = text("INSERT INTO workers VALUES (gen_random_uuid(), clock_timestamp() + :lease)")
ITS_LANES = text(
    "INSERT INTO lanes (endpoint_id, worker_id) SELECT e.id, w.id FROM endpoints e, workers w"
)


class JumpingClock:
    """Shows whatever time it is put to, as a machine whose clock is set does."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest_asyncio.fixture
async def listening() -> AsyncIterator[Receivers]:
    async with receivers() as made:
        yield made


async def subscribed(service: Service, keys: SigningKeys, listening: Receivers) -> Feed:
    feed = Feed(Subscriber(service, keys))
    await feed.dealer.register(f"{listening.origin}/ok", "service.*", ordered=True)
    await feed.dealer.register(f"{listening.origin}/slow", "service.*")
    return feed


def check(feed: Feed, listening: Receivers) -> None:
    assert complained(feed, listening, "/ok", ordered=True) == []
    assert complained(feed, listening, "/slow") == []


@pytest.mark.seed(28, 29)
async def test_a_clock_that_is_set_forward_and_back_holds_up_and_repeats_nothing(
    database: MakeDatabase, keys: SigningKeys, listening: Receivers
) -> None:
    clock = JumpingClock()
    service = build(notifier_settings(await database("notifier"), **QUICK), clock=clock, keys=keys)
    feed = await subscribed(service, keys, listening)
    async with at_work(service, "deliveries"):
        for ahead in (timedelta(), HOURS, -HOURS, timedelta(days=2), timedelta()):
            await feed.go_on(2)
            clock.ahead = ahead  # with some that aren't sent yet
            await feed.go_on(2)
            await until_all(listening, feed)

    check(feed, listening)
    for path in ("/ok", "/slow"):
        assert len(listening.at(path)) == len(feed.promised)


@pytest.mark.seed(28, 29)
async def test_what_a_clock_that_was_ahead_left_to_a_new_process_waits_no_longer(
    database: MakeDatabase, keys: SigningKeys, listening: Receivers
) -> None:
    clock = JumpingClock()
    service = build(notifier_settings(await database("notifier"), **QUICK), clock=clock, keys=keys)
    feed = Feed(Subscriber(service, keys))
    endpoint = await feed.dealer.register(f"{listening.origin}/ok", "service.*", ordered=True)
    clock.ahead = HOURS
    await feed.go_on(1)
    clock.ahead = timedelta()
    await feed.go_on(1)
    async with service.database.transaction() as work:  # as one that looked before it knew
        looked = {"busy": (), "most": 8, "latest": False, "now": clock.now()}
        assert await next_subjects(work.connection, endpoint["id"], **looked) == []
    async with at_work(service, "deliveries"):
        await eventually(lambda: listening.has_all("/ok", feed.promised), 10)

    assert complained(feed, listening, "/ok", ordered=True) == []


@pytest.mark.seed(28)
async def test_a_retry_planned_by_a_clock_that_was_ahead_waits_for_it_no_longer(
    database: MakeDatabase, keys: SigningKeys
) -> None:
    clock = JumpingClock()
    settings = notifier_settings(await database("notifier"), webhook_retries=(600.0, 600.0))
    service = build(settings, clock=clock, keys=keys)
    account = Account(service, keys)
    async with at_work(service, "deliveries"), receiving() as receiver:
        endpoint = await account.register(receiver.url)
        receiver.answers = [status(500)]
        clock.ahead = HOURS
        await account.happen()
        await account.tried(endpoint)
        clock.ahead = timedelta()
        done = await account.delivery(endpoint, "delivered")  # rather too early than too late

    assert [each["status"] for each in done["attempts"]] == [500, 204]


@pytest.mark.seed(28, 29)
async def test_a_database_whose_clock_jumps_loses_no_lease_for_ever(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    keys: SigningKeys,
    listening: Receivers,
) -> None:
    folder = tmp_path_factory.mktemp("clocked")
    async with postgres_with_clock(folder, "notifier", monkeypatch) as (url, clock):
        await upgrade("notifier", url)
        one, other = (build(notifier_settings(url, **QUICK), keys=keys) for _ in range(2))
        feed = await subscribed(one, keys, listening)
        lease = timedelta(seconds=QUICK["webhook_lease"])
        clock.set(HOURS)
        async with one.database.transaction() as work:  # as one that is killed leaves it
            await work.connection.execute(KILLED, {"lease": lease})
            await work.connection.execute(ITS_LANES)
        clock.set(timedelta())
        async with AsyncExitStack() as stack:
            for service in (one, other):
                await stack.enter_async_context(at_work(service, "deliveries"))
            await feed.go_on(2)
            await until_all(listening, feed)
            for ahead in (HOURS, -HOURS, timedelta()):
                await feed.go_on(2)
                clock.set(ahead)
                await feed.go_on(2)
                await until_all(listening, feed)

    check(feed, listening)
