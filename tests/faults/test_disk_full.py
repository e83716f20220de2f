"""The disk of a whole platform is full for a while: it refuses, says why, and goes on after it."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import psutil
import pytest
import pytest_asyncio

from infra.delivering import Receivers, complaints, receivers
from infra.launcher import Launcher
from infra.plumbing import promised
from infra.servers import INFRA
from infra.small_disk import SmallDisk, small_disk
from infra.waiting import eventually
from shared.clock import SystemClock
from shared.database import Database, create_engine

QUOTE: dict[str, Any] = {
    "vehicle": {"vin": "1HGCM82633A004352"},
    "items": [{"service": "detailing"}],
    "contact": {"name": "Dana", "email": "dana@example.com"},
}


class Dealer:
    """Asks for quotes by keys, and keeps what was acknowledged and what was refused."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.acknowledged: dict[str, dict[str, Any]] = {}
        self.refused: set[str] = set()

    async def log_in(self, login: dict[str, str]) -> None:
        form = {"grant_type": "client_credentials"} | login
        answer = await self.client.post("/v1/auth/token", data=form)
        self.client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    async def ask(self, key: str) -> bool:
        """Tell whether it was acknowledged; what isn't has to be refused for now."""
        answer = await self.client.post("/v1/quotes", json=QUOTE, headers={"Idempotency-Key": key})
        if answer.status_code == 201:
            self.acknowledged[key] = answer.json()
            return True
        assert answer.status_code == 503, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["retry-after"] == "1"
        self.refused.add(key)
        return False

    async def finds_all(self) -> bool:
        """Tell whether each acknowledged quote is as it was acknowledged."""
        for quote in self.acknowledged.values():
            answer = await self.client.get(f"/v1/quotes/{quote['id']}")
            if answer.status_code != 200 or answer.json()["total"] != quote["total"]:
                return False
        return True

    async def health(self) -> tuple[int, dict[str, Any]]:
        answer = await self.client.get("/readyz")
        return answer.status_code, answer.json()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path) as made:
        yield made


@pytest_asyncio.fixture
async def listening() -> AsyncIterator[Receivers]:
    async with receivers() as made:
        yield made


@pytest_asyncio.fixture
async def dealer(disk: SmallDisk) -> AsyncIterator[Dealer]:
    await disk.launcher.ready()
    async with httpx.AsyncClient(base_url=disk.launcher.origin, timeout=30) as client:
        made = Dealer(client)
        await made.log_in(disk.launcher.login("partner"))
        yield made


def kill_broker(launcher: Launcher) -> None:
    parts = psutil.Process(launcher.process.pid).children()
    [broker] = [each for each in parts if each.name() != "postgres"]
    os.kill(broker.pid, signal.SIGKILL)


async def end_log_segment(launcher: Launcher) -> None:
    """Have PostgreSQL need a new file for its log, as it does after every 16 MB."""
    folder = launcher.data / "postgres"
    password = json.loads((folder / "passwords.json").read_text())["postgres"]
    port = int((folder / "port").read_text())
    url = f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"
    connection = await asyncpg.connect(url)
    with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        for _ in range(20):
            await connection.execute("SELECT pg_switch_wal()")
            await connection.execute("SELECT pg_logical_emit_message(true, 'test', 'on')")
    assert connection.is_closed()


@pytest.mark.seed(29)
async def test_a_full_disk_loses_nothing_and_is_over_once_there_is_room(
    disk: SmallDisk, dealer: Dealer, listening: Receivers
) -> None:
    launcher = disk.launcher
    endpoint = {"url": f"{listening.origin}/ok", "events": ["quote.*"], "ordered": True}
    made = await dealer.client.post("/v1/webhook-endpoints", json=endpoint)
    assert made.status_code == 201, made.text
    keys = iter(f"quote-{number}" for number in range(1000))
    for key in (next(keys) for _ in range(3)):
        assert await dealer.ask(key)

    disk.fill()
    while len(dealer.refused) < 10:  # what fits into pages that are there is acknowledged
        await dealer.ask(next(keys))
    assert await dealer.finds_all()
    status, said = await dealer.health()
    assert (status, said["services"]["quote"]["database"]) == (503, False)
    if INFRA == "embedded":
        kill_broker(launcher)  # the new one is empty, and to tell it all again takes room
        await eventually(lambda: "Kafka broker: ended by itself" in launcher.said())

    await end_log_segment(launcher)
    await eventually(lambda: "PostgreSQL: ended by itself, started again" in launcher.said(), 30)
    assert not await dealer.ask(next(keys))
    assert (await dealer.health())[1]["parts"]["PostgreSQL"] is False

    disk.clear()
    await launcher.ready()  # and nobody started anything
    for key in dealer.refused:
        assert await dealer.ask(key)
    assert await dealer.finds_all()
    url = json.loads((launcher.data / "platform.json").read_text())["databases"]["quote"]
    engine = create_engine(url, application="test")
    told = await promised(Database(engine, SystemClock(), source="/test"))
    await engine.dispose()
    owed = [each for each in told if each.subject.startswith("quo_")]
    await eventually(lambda: listening.has_all("/ok", owed), 40)

    assert complaints(owed, listening.at("/ok"), ordered=True) == []
    assert sorted(each.subject for each in owed) == sorted(
        quote["id"] for quote in dealer.acknowledged.values()
    )
    assert "No space left on device" in launcher.said()
