"""PostgreSQL restarts and crashes under commands and deliveries, to receivers of every kind."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import pytest_asyncio

from infra.access import SigningKeys
from infra.delivering import Receivers, complaints, receivers
from infra.feeding import QUICK
from infra.notifying import notifier_settings
from infra.plumbing import promised, rows
from infra.running import bus_settings, client_of, running
from infra.servers import INFRA
from infra.waiting import eventually
from infra.webhooks import Subscriber
from roadworthy.embedded.postgres import Postgres
from services.notifier.main import build as build_notifier
from services.quote.main import build as build_quote
from services.quote.settings import QuoteSettings
from shared.migrations import upgrade
from shared.service import Service

QUOTE = {"vehicle": {"vin": "1HGCM82633A004352"}, "items": [{"service": "detailing"}]}
HEALTHY = ("ok", "slow")
OTHERS = ("hang", "reset", "500", "410", "302", "drip")


class Stream:
    """Quotes that are asked for and declined, one after the other: each again until it is done."""

    def __init__(self, quotes: Service, headers: dict[str, str]) -> None:
        self.client = client_of(quotes)
        self.headers = headers
        self.acknowledged: list[tuple[str, int]] = []
        self.refused = 0
        self.goes_on = True

    async def flow(self) -> None:
        number = 0
        while self.goes_on:
            number += 1
            quote = await self.done(f"ask-{number}", "/v1/quotes", QUOTE)
            self.acknowledged.append((quote["id"], 1))
            await self.done(f"decline-{number}", f"/v1/quotes/{quote['id']}/decline", {})
            self.acknowledged.append((quote["id"], 2))

    async def done(self, key: str, path: str, body: Any) -> dict[str, Any]:
        """Do something by its key, until it is acknowledged; refused it may only be for now."""
        while True:
            headers = self.headers | {"Idempotency-Key": key}
            answer = await self.client.post(path, json=body, headers=headers)
            if answer.is_success:
                found: dict[str, Any] = answer.json()
                return found
            assert answer.status_code == 503, answer.text
            assert answer.headers["retry-after"]
            self.refused += 1
            await asyncio.sleep(0.02)

    async def reach(self, more: int) -> None:
        """Wait for so many more acknowledgements."""
        wanted = len(self.acknowledged) + more
        await eventually(lambda: len(self.acknowledged) >= wanted, 40)


@pytest_asyncio.fixture
async def listening() -> AsyncIterator[Receivers]:
    async with receivers() as made:
        yield made


async def fast_restart(postgres: Postgres) -> None:
    await postgres.stop()
    await postgres.start()


async def immediate_restart(postgres: Postgres) -> None:
    """Stop it as it stands; the next start has to recover."""
    os.kill(postgres.pid or 0, signal.SIGQUIT)
    await eventually(lambda: postgres.pid is None)
    await postgres.start()


async def backend_crash(postgres: Postgres) -> None:
    """Kill one connection's process: PostgreSQL ends all others for it, and recovers."""
    backends = psutil.Process(postgres.pid).children()
    [*_, victim] = [each for each in backends if "quote" in " ".join(each.cmdline())]
    victim.kill()


@pytest.mark.seed(28, 29)
async def test_databases_that_restart_and_crash_lose_nothing_of_a_stream(
    tmp_path: Path,
    kafka_bootstrap: str,
    topic_prefix: str,
    keys: SigningKeys,
    listening: Receivers,
) -> None:
    bus = bus_settings(kafka_bootstrap, topic_prefix, embedded=INFRA == "embedded")
    async with Postgres(tmp_path / "postgres", ("quote", "notifier")) as postgres:
        urls = postgres.databases
        for name, url in urls.items():
            await upgrade(name, url)
        quotes = build_quote(QuoteSettings(database_url=urls["quote"], **bus), keys=keys)
        notifier = build_notifier(notifier_settings(urls["notifier"], **bus, **QUICK), keys=keys)
        dealer = Subscriber(notifier, keys)
        async with running(quotes), running(notifier):
            made = {
                kind: await dealer.register(
                    f"{listening.origin}/{kind}", "quote.*", ordered=kind == "ok"
                )
                for kind in HEALTHY + OTHERS
            }
            stream = Stream(quotes, dealer.headers)
            flowing = asyncio.create_task(stream.flow())
            for fault in (fast_restart, immediate_restart, backend_crash):
                await stream.reach(10)
                await fault(postgres)
            await stream.reach(10)
            stream.goes_on = False
            await flowing
            told = await promised(quotes.database)
            owed = [each for each in told if each.subject.startswith("quo_")]
            await eventually(
                lambda: all(listening.has_all(f"/{kind}", owed) for kind in HEALTHY), 60
            )
            gone = await dealer.become(
                f"/v1/webhook-endpoints/{made['410']['id']}", status="disabled"
            )
            kept = await rows(quotes.database, "SELECT count(*) FROM quotes")

    assert stream.refused > 0
    assert sorted((each.subject, each.sequence) for each in owed) == sorted(stream.acknowledged)
    assert kept == [len(stream.acknowledged) // 2]  # none twice
    assert complaints(owed, listening.at("/ok"), ordered=True) == []
    assert complaints(owed, listening.at("/slow"), ordered=False) == []
    for kind in OTHERS:
        found = complaints(owed, listening.at(f"/{kind}"), ordered=False)
        assert [each for each in found if not each.endswith("was lost")] == []
    assert gone["disabled_reason"] == "gone"
    assert listening.at("/elsewhere") == []
