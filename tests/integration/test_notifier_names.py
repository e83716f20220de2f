"""Names that no name server answers for: whoever registers them holds up nobody else's webhooks."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.notifying import notifier_settings
from infra.receiver import receiving
from infra.waiting import eventually
from infra.webhooks import Subscriber, at_work
from services.notifier import urls
from services.notifier.main import build
from services.notifier.resolver import THREADS, Resolver
from shared.service import Service


@pytest_asyncio.fixture
async def service(database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Service]:
    made = build(notifier_settings(await database("notifier")), keys=keys)
    async with at_work(made, "deliveries"):
        yield made


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Have a name server say nothing about some names, and the loopback address of others.

    Yields what it was asked for in vain.
    """
    over, real = threading.Event(), socket.getaddrinfo
    asked: list[str] = []

    def resolve(host: Any, *more: Any, **named: Any) -> Any:
        if str(host).endswith(".silent.test"):
            asked.append(str(host))
            over.wait(300)
        return real("127.0.0.1" if str(host).endswith(".test") else host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(urls, "RESOLVE_SECONDS", 0.2)
    yield asked
    over.set()


async def many(account: Subscriber) -> None:
    """Register endpoints whose names nobody answers for, a few at once as the database takes."""
    for _ in range(0, THREADS, 16):
        names = (f"https://n{n}.silent.test/" for n in range(16))
        await asyncio.gather(*(account.register(each, "service.*") for each in names))


@pytest.mark.usefixtures("silent")
async def test_names_without_an_answer_hold_up_no_delivery(
    service: Service, keys: SigningKeys
) -> None:
    dealer, stranger = Subscriber(service, keys), Subscriber(service, keys)
    async with receiving() as receiver:
        await dealer.register(f"http://hooks.dealer.test:{urlsplit(receiver.url).port}/")
        await many(stranger)
        told = await dealer.happen()
        [request] = await receiver.first(seconds=30)

    assert request.id == told.id


async def test_deliveries_to_names_without_an_answer_hold_up_nobody_elses(
    service: Service, keys: SigningKeys, silent: list[str]
) -> None:
    dealer, stranger = Subscriber(service, keys), Subscriber(service, keys)
    async with receiving() as receiver:
        await dealer.register(f"http://hooks.dealer.test:{urlsplit(receiver.url).port}/")
        await many(stranger)
        before = len(silent)
        await stranger.happen()
        await eventually(lambda: len(silent) > before, seconds=30)
        told = await dealer.happen()
        [request] = await receiver.first(seconds=30)

    assert request.id == told.id
    assert len(silent) - before <= THREADS // 4


async def test_each_account_has_a_share_of_what_the_others_leave(silent: list[str]) -> None:
    resolver = Resolver()
    asking = [
        asyncio.ensure_future(resolver.resolve("a.silent.test", f"par_{n % 8}"))
        for n in range(8 * THREADS)
    ]
    await eventually(lambda: len(silent) > THREADS // 2, seconds=30)
    found = await resolver.resolve("hooks.dealer.test", "par_late")
    for each in asking:
        each.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    resolver.close()

    assert str(found[0]) == "127.0.0.1"
