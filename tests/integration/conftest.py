"""What the notifier's tests share: who subscribes at a module's `service`, and who receives."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from infra.access import SigningKeys
from infra.receiver import Receiver, receiving
from infra.webhooks import Subscriber
from shared.ids import new_id
from shared.service import Service


@pytest.fixture
def dealer(service: Service, keys: SigningKeys) -> Subscriber:
    return Subscriber(service, keys)


@pytest.fixture
def operator(service: Service, keys: SigningKeys) -> Subscriber:
    return Subscriber(service, keys, "operator")


@pytest.fixture
def address() -> str:
    return f"{new_id('cli')}@customer.example"


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made
