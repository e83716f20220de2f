"""Every service in one process behind the gateway, on databases and topics of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from starlette.types import Receive, Scope, Send

from infra.access import SigningKeys
from infra.booking import LINKS_KEY
from infra.databases import MakeDatabase
from infra.notifying import notifier_settings
from roadworthy.composition import settings_of
from roadworthy.embedded.inbox import Inbox
from roadworthy.gateway import SERVICES, Gateway
from shared.contracts import TOPICS
from shared.problems import Problem
from shared.service import Service
from shared.settings import ServiceSettings

NOWHERE = "postgresql+asyncpg://nobody@127.0.0.1:1/nothing"
ATTACHMENTS = TemporaryDirectory(prefix="roadworthy-conformance-")
OWN: Mapping[str, dict[str, Any]] = {
    "partner": {"signing_keys_password": "only-for-these-tests"},
    "booking": {"booking_links_key": LINKS_KEY, "sandbox_clock": True},
    "order": {"attachments_url": Path(ATTACHMENTS.name).as_uri()},
}


@dataclass(frozen=True)
class Platform:
    """The services, the gateway before them, and who lets callers in."""

    services: Mapping[str, Service]
    gateway: Gateway
    client: httpx.AsyncClient
    keys: SigningKeys

    @classmethod
    def of(cls, services: Mapping[str, Service], keys: SigningKeys) -> Platform:
        """Put services behind a gateway, whether they run or not."""
        apps = {name: service.app for name, service in services.items()}
        gateway = Gateway(apps, _nothing_here)
        transport = httpx.ASGITransport(gateway, raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url="http://roadworthy.test")
        return cls(services, gateway, client, keys)


def built(
    urls: Mapping[str, str], keys: SigningKeys, inbox: Inbox | None = None, **bus: Any
) -> dict[str, Service]:
    """Put every service together; nothing runs yet."""
    services: dict[str, Service] = {}
    for name in SERVICES:
        url = urls.get(name, NOWHERE)
        settings: ServiceSettings = (
            notifier_settings(url, inbox, **bus)
            if name == "notifier"
            else settings_of(name, fixed={"database_url": url, **OWN.get(name, {}), **bus})
        )
        services[name] = import_module(f"services.{name}.main").build(settings, keys=keys)
    return services


async def databases(make: MakeDatabase) -> dict[str, str]:
    """Make a database for every service."""
    return {name: await make(name) for name in SERVICES}


@asynccontextmanager
async def running(
    urls: Mapping[str, str], keys: SigningKeys, inbox: Inbox, **bus: Any
) -> AsyncIterator[Platform]:
    """Run every service while the block lasts."""
    services = built(urls, keys, inbox, **bus)
    await services["quote"].kafka.create_topics(TOPICS)
    await asyncio.gather(*(service.start() for service in services.values()))
    platform = Platform.of(services, keys)
    try:
        async with platform.client:
            yield platform
    finally:
        await asyncio.gather(*(service.stop() for service in services.values()))


async def _nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
    """Stand where the launcher's own pages would."""
    if scope["type"] == "http":
        await Problem(404, "not-found", "Not Found").response()(scope, receive, send)
