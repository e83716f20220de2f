"""The whole platform on one machine: the parts, and every service, in one process."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

import structlog
from aiokafka.errors import KafkaError

from roadworthy import composition, status
from roadworthy.client import CREDENTIALS
from roadworthy.console import Health, console
from roadworthy.embedded.broker import Broker
from roadworthy.embedded.data import DataFolder
from roadworthy.embedded.errors import PartError
from roadworthy.embedded.inbox import Inbox
from roadworthy.embedded.ports import LOOPBACK, bind
from roadworthy.embedded.postgres import Postgres
from roadworthy.first_start import prepare
from roadworthy.gateway import SERVICES, Gateway
from roadworthy.given import GivenBroker
from roadworthy.local import local_settings
from roadworthy.server import serving
from roadworthy.together import together
from roadworthy.upgrading import bring_up_to_date
from shared.service import Service
from shared.settings import ServiceSettings

START_SECONDS = 60.0  # joining the groups took 3 s, 11 s at the worst
WATCH_SECONDS = 0.25
MAX_BACKOFF_SECONDS = 10.0

log = structlog.get_logger(__name__)


class Platform:
    """Started and stopped as a whole; a part that dies meanwhile is started again."""

    def __init__(
        self, data: DataFolder, port: int, say: Callable[[str], None], kafka: str | None = None
    ) -> None:
        self.origin = f"http://{LOOPBACK}:{port}"
        self.postgres = Postgres(data.part("postgres"), SERVICES)
        self.broker = GivenBroker(kafka) if kafka else Broker(data.part("broker"))
        self.inbox = Inbox(data.part("inbox"))
        self.services: dict[str, Service] = {}
        self._data = data
        self._credentials = data.path / CREDENTIALS
        self._port = port
        self._say = say
        self._started = False

    @property
    def addresses(self) -> status.Addresses:
        """Where everything is, once the parts run."""
        return status.Addresses(
            http=self.origin,
            kafka=self.broker.bootstrap,
            smtp=self.inbox.address,
            mail=str(self.inbox.maildir),
            databases=self.postgres.databases,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run while the block lasts; at its end, drain: requests, then services, then parts."""
        async with AsyncExitStack() as stack:
            bound = bind(LOOPBACK, self._port)
            stack.callback(bound.close)
            for part in (self.postgres, self.broker, self.inbox):
                stack.push_async_callback(part.stop)
            with self._timed("PostgreSQL, Kafka broker, mail inbox"):
                await together(
                    self.postgres.start(),
                    self.broker.start(),
                    self.inbox.start(),
                    # Meanwhile: half a second of a first start's time.
                    asyncio.to_thread(composition.load, SERVICES),
                )
            status.write_down(self.addresses, self._data.path)
            self.services = {name: self._build(name) for name in SERVICES}
            with self._timed("schemas and topics"):
                await together(self._create_topics(), self._upgrade_schemas())
            stack.push_async_callback(self._stop_services)
            await stack.enter_async_context(serving(self._app(), bound))
            await together(self._start_services(), self._prepare())
            watches = [
                asyncio.create_task(self._watch("PostgreSQL", self.postgres, self.postgres.start)),
                asyncio.create_task(self._watch("Kafka broker", self.broker, self._replace_broker)),
            ]
            for watch in watches:
                stack.callback(watch.cancel)
            self._started = True
            try:
                yield
            finally:
                self._say("Draining ...")

    async def health(self) -> Health:
        """Ask every part and every service how it is."""
        parts, services = await asyncio.gather(
            asyncio.gather(self.postgres.health(), self.broker.health(), self.inbox.health()),
            self._services_health(),
        )
        about = dict(zip(self._part_addresses(), parts, strict=True))
        return Health(self._started, about, services)

    async def _services_health(self) -> dict[str, dict[str, bool]]:
        answers = await asyncio.gather(*(service.ready() for service in self.services.values()))
        return dict(zip(self.services, answers, strict=True))

    def _build(self, name: str) -> Service:
        return composition.build(name, self._settings(name))

    def _settings(self, name: str) -> ServiceSettings:
        embedded = isinstance(self.broker, Broker)
        return local_settings(name, self.addresses, self._data.path, embedded_broker=embedded)

    def _app(self) -> Gateway:
        own = console(self.health, self._part_addresses, self.inbox)
        return Gateway({name: service.app for name, service in self.services.items()}, own)

    def _part_addresses(self) -> dict[str, str]:
        return {
            "PostgreSQL": f"{LOOPBACK}:{self.postgres.port}",
            "Kafka broker": self.broker.bootstrap,
            "mail inbox": self.inbox.address,
        }

    async def _create_topics(self) -> None:
        try:
            await next(iter(self.services.values())).kafka.create_topics()
        except KafkaError as error:
            said = f"No Kafka answers at {self.broker.bootstrap}"
            raise PartError(f"{said} ({error}). See {self.broker.log}") from error

    async def _upgrade_schemas(self) -> None:
        # One after the other: Alembic's context is one for the whole process.
        for name, url in self.postgres.databases.items():
            if await bring_up_to_date(name, url):
                self._say(f"  {name}: schema brought up to date")

    async def _start_services(self) -> None:
        try:
            with self._timed("services"):
                async with asyncio.timeout(START_SECONDS):
                    await together(*(service.start() for service in self.services.values()))
        except TimeoutError:
            raise PartError(
                f"The services didn't start in {START_SECONDS:.0f} s: "
                f"{json.dumps(await self._services_health())}; the broker's log: {self.broker.log}"
            ) from None

    async def _prepare(self) -> None:
        if not self._credentials.exists():
            with self._timed("credentials and a sample workshop"):
                await prepare(self.services["partner"].database, self.origin, self._data.path)

    async def _stop_services(self) -> None:
        await asyncio.gather(*(service.stop() for service in self.services.values()))

    async def _watch(
        self,
        what: str,
        part: Postgres | Broker | GivenBroker,
        start: Callable[[], Awaitable[None]],
    ) -> None:
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            if part.pid is None:
                self._say(f"{what}: ended by itself, started again")
                await self._again(what, start)
                self._say(f"{what}: runs again")

    async def _again(self, what: str, start: Callable[[], Awaitable[None]]) -> None:
        backoff = WATCH_SECONDS
        while True:
            try:
                async with asyncio.timeout(START_SECONDS):
                    await start()
            except Exception as error:
                log.warning("part.failed", part=what, error=repr(error))
                await asyncio.sleep(backoff)
                backoff = min(backoff * 2, MAX_BACKOFF_SECONDS)
            else:
                return

    async def _replace_broker(self) -> None:
        """Start an empty broker; with new clients, each relay publishes what the old one held."""
        await together(*(service.leave_bus() for service in self.services.values()))
        if self.broker.pid is None:
            await self.broker.start()
        await self._create_topics()
        await together(*(service.join_bus() for service in self.services.values()))

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        before = time.monotonic()
        yield
        self._say(f"{what:38} {time.monotonic() - before:5.1f} s")
