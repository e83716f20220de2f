"""The running platform, and two households in it: the owner's, and a stranger's."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from conformance import platform
from conformance.household import Household
from conformance.platform import Platform
from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.running import bus_settings
from infra.servers import INFRA
from roadworthy.embedded.inbox import Inbox


@pytest_asyncio.fixture(scope="module")
async def house(
    module_database: MakeDatabase,
    kafka_bootstrap: str,
    topic_prefix: str,
    smtp_inbox: Inbox,
    keys: SigningKeys,
) -> AsyncIterator[Platform]:
    bus = bus_settings(kafka_bootstrap, topic_prefix, embedded=INFRA == "embedded")
    urls = await platform.databases(module_database)
    async with platform.running(urls, keys, smtp_inbox, **bus) as running:
        yield running


@pytest_asyncio.fixture(scope="module")
async def owner(house: Platform) -> Household:
    return await _settled(house)


@pytest_asyncio.fixture(scope="module")
async def stranger(house: Platform) -> Household:
    return await _settled(house)


@pytest.fixture(scope="module")
def cut_off(keys: SigningKeys) -> Platform:
    """Return services whose databases can't be reached."""
    return Platform.of(platform.built({}, keys), keys)


async def _settled(house: Platform) -> Household:
    household = Household(house)
    await household.settle()
    return household
