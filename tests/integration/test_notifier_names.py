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
from infra.webhooks import Subscriber, at_work
from services.notifier import urls
from services.notifier.main import build
from services.notifier.resolver import THREADS
from shared.service import Service


@pytest_asyncio.fixture
async def service(database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Service]:
    made = build(notifier_settings(await database("notifier")), keys=keys)
    async with at_work(made, "deliveries"):
        yield made


@pytest.fixture
def _silence(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have a name server say nothing about some names, and the loopback address of others."""
    over, real = threading.Event(), socket.getaddrinfo

    def resolve(host: Any, *more: Any, **named: Any) -> Any:
        if str(host).endswith(".silent.test"):
            over.wait(30)
        return real("127.0.0.1" if str(host).endswith(".test") else host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    yield
    over.set()


@pytest.mark.usefixtures("_silence")
async def test_names_without_an_answer_hold_up_no_delivery(
    service: Service, keys: SigningKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(urls, "RESOLVE_SECONDS", 0.2)
    dealer, stranger = Subscriber(service, keys), Subscriber(service, keys)
    async with receiving() as receiver:
        await dealer.register(f"http://hooks.dealer.test:{urlsplit(receiver.url).port}/")
        await asyncio.gather(
            *(stranger.register(f"https://n{n}.silent.test/") for n in range(THREADS))
        )
        told = await dealer.happen()
        [request] = await receiver.first(seconds=5)

    assert request.id == told.id
