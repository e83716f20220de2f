"""A fresh, migrated database for whoever asks: copied from a template made once per service."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Protocol
from urllib.parse import urlsplit

import asyncpg
import pytest_asyncio

from infra.servers import PostgresServer
from shared.migrations import upgrade


class MakeDatabase(Protocol):
    """Takes a service's name; gives the URL of a new database with that service's schema."""

    async def __call__(self, service: str | None = None) -> str:
        """Make one; without a service's name it is empty."""
        ...


ROLE_PASSWORD = "only-for-tests"


class Databases:
    """Makes and drops databases on one server; each is owned by its service's own role."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._suffix = uuid.uuid4().hex[:8]  # several workers may share an external server
        self._templates: dict[str, str] = {}
        self._lock = asyncio.Lock()

    async def create(self, service: str | None = None) -> str:
        """Make a database for this service (empty without one), and return its URL."""
        owner = service or "anyone"
        template = await self._template(service) if service else "template1"
        name = f"{owner}_{uuid.uuid4().hex[:12]}"
        await self._create(name, owner, copy_of=template)
        return self._url(name, owner)

    async def drop(self, url: str) -> None:
        """Drop a database, whoever is still connected."""
        await self._execute(f'DROP DATABASE "{urlsplit(url).path[1:]}" WITH (FORCE)')

    async def drop_templates(self) -> None:
        """Leave a server that outlives the tests as it was, but for the roles."""
        for template in self._templates.values():
            await self._execute(f'DROP DATABASE "{template}" WITH (FORCE)')

    async def _template(self, service: str) -> str:
        async with self._lock:
            if service not in self._templates:
                template = f"{service}_template_{self._suffix}"
                await self._create(template, service, copy_of="template1")
                await upgrade(service, self._url(template, service))
                self._templates[service] = template
            return self._templates[service]

    async def _create(self, name: str, service: str, *, copy_of: str) -> None:
        role = self._role(service)
        with suppress(asyncpg.DuplicateObjectError):  # made for an earlier database
            await self._execute(f"CREATE ROLE \"{role}\" LOGIN PASSWORD '{ROLE_PASSWORD}'")
        await self._execute(f'CREATE DATABASE "{name}" OWNER "{role}" TEMPLATE "{copy_of}"')

    def _role(self, service: str) -> str:
        return f"test_{service}"

    def _url(self, database: str, service: str) -> str:
        server = urlsplit(self._server.admin_url)
        login = f"{self._role(service)}:{ROLE_PASSWORD}"
        return f"postgresql+asyncpg://{login}@{server.hostname}:{server.port}/{database}"

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self._server.admin_url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@pytest_asyncio.fixture(scope="session")
async def databases(postgres_server: PostgresServer) -> AsyncIterator[Databases]:
    """Yield what makes databases; whoever asks it directly drops them again."""
    made = Databases(postgres_server)
    yield made
    if postgres_server.outlives_us:
        await made.drop_templates()


@pytest_asyncio.fixture
async def database(databases: Databases) -> AsyncIterator[MakeDatabase]:
    """Yield `await database("quote")`: the URL of a database that lives as long as this test."""
    async for make in _made_and_dropped(databases):
        yield make


@pytest_asyncio.fixture(scope="module")
async def module_database(databases: Databases) -> AsyncIterator[MakeDatabase]:
    """Yield the same for databases that live as long as this module's tests."""
    async for make in _made_and_dropped(databases):
        yield make


async def _made_and_dropped(databases: Databases) -> AsyncIterator[MakeDatabase]:
    urls: list[str] = []

    async def make(service: str | None = None) -> str:
        urls.append(await databases.create(service))
        return urls[-1]

    yield make
    for url in urls:
        await databases.drop(url)
