"""Order per subject, and the latest state alone: any mix of successes and failures, to a model."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.notifying import notifier_settings, published
from infra.waiting import eventually
from infra.webhooks import Subscriber, at_work
from services.notifier.main import build
from shared.ids import new_id
from shared.service import Service

TRIES = 4  # one, and a retry for each of the settings' waits
SUBJECTS = st.integers(0, 2)
FAILURES = st.sampled_from([0, 0, 0, 0, 1, 2, TRIES])
AT_ONCE = st.booleans()
PLANS = st.lists(st.tuples(SUBJECTS, FAILURES, AT_ONCE), min_size=1, max_size=12).filter(
    # A retry budget would have more of them wait for seconds.
    lambda plan: sum(failures for _, failures, _ in plan) <= 2 * TRIES
)
modelled = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@dataclass
class Reader:
    """Fails each event as often as it is told to; knows what it was sent at the same time."""

    url: str = ""
    fails: dict[tuple[str, int], int] = field(default_factory=dict)
    seen: dict[str, list[int]] = field(default_factory=dict)
    taken: dict[str, list[int]] = field(default_factory=dict)
    busy: Counter[str] = field(default_factory=Counter)
    overlapped: set[str] = field(default_factory=set)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self, request: web.Request) -> web.Response:
        body = await request.json()
        subject, sequence = body["subject"], body["sequence"]
        self.busy[subject] += 1
        if self.busy[subject] > 1:
            self.overlapped.add(subject)
        self.seen.setdefault(subject, []).append(sequence)
        await self.open.wait()
        await asyncio.sleep(0.002)  # so that two at a time would meet
        self.busy[subject] -= 1
        if self.fails.get((subject, sequence), 0) > 0:
            self.fails[subject, sequence] -= 1
            return web.Response(status=500)
        self.taken.setdefault(subject, []).append(sequence)
        return web.Response(status=204)


@asynccontextmanager
async def reading() -> AsyncIterator[Reader]:
    reader = Reader()
    reader.open.set()
    app = web.Application()
    app.router.add_post("/", reader.read)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    reader.url = f"{site.name}/"
    try:
        yield reader
    finally:
        reader.open.set()
        await runner.cleanup()


@pytest_asyncio.fixture(scope="module")
async def service(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Service]:
    made = build(notifier_settings(await module_database("notifier")), keys=keys)
    async with at_work(made, "deliveries"):
        yield made


async def outcome(service: Service, endpoint: dict[str, Any]) -> dict[tuple[str, int], str]:
    """Wait until nothing is queued; return each delivery's status by its subject and sequence."""
    query = text("""SELECT m.subject, m.sequence, d.status FROM deliveries d
                    JOIN messages m USING (event_id) WHERE d.endpoint_id = :id""")

    async def all_ended() -> Any:
        async with service.database.reading() as connection:
            rows = (await connection.execute(query, {"id": endpoint["id"]})).all()
        ended = all(status != "queued" for *_, status in rows)
        return ended and {(subject, sequence): status for subject, sequence, status in rows}

    found: dict[tuple[str, int], str] = await eventually(all_ended, 30)
    return found


async def play(
    service: Service, keys: SigningKeys, reader: Reader, plan: list[Any], **terms: Any
) -> tuple[dict[tuple[str, int], str], dict[tuple[str, int], int]]:
    """Have a plan happen to an endpoint of its own; return what came of it, and its failures."""
    dealer = Subscriber(service, keys)
    endpoint = await dealer.register(reader.url, "service.*", window=10, **terms)
    subjects, last, fails = [new_id("ord") for _ in range(3)], Counter[str](), {}
    for number, failures, at_once in plan:
        subject = subjects[number]
        last[subject] += 1
        fails[subject, last[subject]] = failures
        reader.fails[subject, last[subject]] = failures
        await dealer.happen(subject=subject, sequence=last[subject])
        service.parts["deliveries"].queued(endpoint["id"])  # type: ignore[attr-defined]  # an Engine
        if not at_once:
            await eventually(lambda subject=subject: subject in reader.seen)
    return await outcome(service, endpoint), fails


@pytest.mark.seed(68)
@modelled
@given(plan=PLANS)
async def test_a_subjects_events_come_one_after_the_other_whatever_fails(
    service: Service, keys: SigningKeys, plan: list[Any]
) -> None:
    async with reading() as reader:
        came, fails = await play(service, keys, reader, plan, ordered=True)

    assert came == {
        each: "exhausted" if failures == TRIES else "delivered" for each, failures in fails.items()
    }
    assert reader.overlapped == set()
    for subject, seen in reader.seen.items():
        expected = [
            sequence
            for (whose, sequence), failures in fails.items()
            if whose == subject
            for _ in range(min(failures + 1, TRIES))
        ]
        assert seen == expected  # each with its retries, before the next


@pytest.mark.seed(76)
@modelled
@given(plan=PLANS)
async def test_the_latest_state_always_arrives_and_none_after_a_newer_one(
    service: Service, keys: SigningKeys, plan: list[Any]
) -> None:
    async with reading() as reader:
        came, fails = await play(service, keys, reader, plan, delivery="latest")

    assert reader.overlapped == set()
    for subject, seen in reader.seen.items():
        assert all(before <= after for before, after in pairwise(seen))
        last = max(sequence for whose, sequence in came if whose == subject)
        lost = fails[subject, last] == TRIES
        assert came[subject, last] == ("exhausted" if lost else "delivered")
        taken = reader.taken.get(subject, [])
        assert taken == sorted(set(taken))
        assert lost or taken[-1] == last
        for (whose, sequence), status in came.items():
            if whose == subject and sequence not in seen:
                assert status == "superseded"


@pytest.mark.seed(76)
async def test_a_slow_subscriber_gets_the_latest_state_not_forty_stale_ones(
    service: Service, keys: SigningKeys
) -> None:
    async with reading() as reader:
        reader.open.clear()
        dealer, order, other = Subscriber(service, keys), new_id("ord"), new_id("ord")
        endpoint = await dealer.register(reader.url, "service.*", delivery="latest")
        for sequence in range(1, 42):
            await dealer.happen(subject=order, sequence=sequence)
            if sequence == 1:
                await eventually(lambda: order in reader.seen)
        await dealer.happen(subject=other, sequence=7)
        reader.open.set()
        came = await outcome(service, endpoint)

    assert reader.taken == {order: [1, 41], other: [7]}
    assert Counter(came.values()) == {"superseded": 39, "delivered": 3}
    page = await dealer.get(f"/v1/webhook-endpoints/{endpoint['id']}/deliveries", limit=100)
    assert Counter(each["status"] for each in page["data"]) == {"superseded": 39, "delivered": 3}


async def test_a_poisoned_subject_holds_nothing_up_but_what_is_behind_it_and_that_goes_on(
    service: Service, keys: SigningKeys
) -> None:
    async with reading() as reader:
        dealer, bad, good = Subscriber(service, keys), new_id("ord"), new_id("ord")
        endpoint = await dealer.register(reader.url, "service.*", ordered=True)
        reader.fails[bad, 1] = TRIES
        for sequence in (1, 2, 3):
            await dealer.happen(subject=bad, sequence=sequence)
            await dealer.happen(subject=good, sequence=sequence)
        came = await outcome(service, endpoint)

    assert reader.seen == {bad: [1, 1, 1, 1, 2, 3], good: [1, 2, 3]}
    assert came[bad, 1] == "exhausted"
    path = f"/v1/webhook-endpoints/{endpoint['id']}/deliveries"
    page = await dealer.get(path, status="exhausted")
    assert page["data"][0]["id"] in await published(service, "delivery.exhausted")
