"""A service, put together: its app, and the parts that run beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import structlog
from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from shared import documents, problems, reference
from shared.auth import Tokens
from shared.clock import Clock
from shared.database import Database, create_engine
from shared.database_urls import dsn
from shared.edge import Edge
from shared.inbox import Effect, Inbox
from shared.kafka import Kafka
from shared.keys import JwksUrl, KeySource
from shared.relay import Relay
from shared.retention import keep_up
from shared.sandbox import SandboxClock
from shared.settings import ServiceSettings
from shared.worker import Worker

HOUSEKEEPING_SECONDS = 3600.0
CLOCK_SECONDS = 1.0

log = structlog.get_logger(__name__)


class Part(Protocol):
    """Something that runs beside the app, from start to stop."""

    async def start(self) -> None:
        """Begin; raise when it can't."""
        ...

    async def stop(self) -> None:
        """Finish what is in hand, in a bounded time."""
        ...

    async def ready(self) -> bool:
        """Tell whether it does its work."""
        ...


@dataclass
class Service:
    """One service as its `main` built it; whoever runs it starts it, asks it and stops it."""

    name: str
    app: FastAPI
    engine: AsyncEngine
    database: Database
    kafka: Kafka
    inbox: Inbox | None
    parts: Mapping[str, Part]
    """By name; what talks to Kafka is called `relay` and `consumer`."""

    async def start(self) -> None:
        """Start all parts together: group joins take seconds, and one by one they add up."""
        await asyncio.gather(*(part.start() for part in self.parts.values()))

    async def stop(self) -> None:
        """Stop all parts together, then the connections."""
        stopped = await asyncio.gather(
            *(part.stop() for part in self.parts.values()), return_exceptions=True
        )
        for error in stopped:
            if isinstance(error, BaseException):
                log.warning("service.stop", service=self.name, error=repr(error))
        await self.engine.dispose()

    async def leave_bus(self) -> None:
        """Let go of a broker that was lost: its clients may never recover.

        Done before an empty one takes its place: there, what they had on its way would overtake
        what is published again, and what they acknowledge would be offsets of the lost log.
        """
        await asyncio.gather(*(part.stop() for part in self._on_bus), return_exceptions=True)

    async def join_bus(self) -> None:
        """Make clients of the broker that is there now; raises KafkaError."""
        await asyncio.gather(*(part.start() for part in self._on_bus))

    @property
    def _on_bus(self) -> list[Part]:
        return [part for name, part in self.parts.items() if name in {"relay", "consumer"}]

    async def ready(self) -> dict[str, bool]:
        """Tell of each part, and of the database, whether it does its work."""
        names = ["database", *self.parts]
        answers = await asyncio.gather(
            self._database_answers(), *(_answers(part.ready) for part in self.parts.values())
        )
        return dict(zip(names, answers, strict=True))

    async def _database_answers(self) -> bool:
        try:
            async with asyncio.timeout(2):
                await self.database.check()
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("database.not_ready", service=self.name, error=repr(error)[:500])
            return False
        return True


async def _answers(ready: Callable[[], Awaitable[bool]]) -> bool:
    try:
        async with asyncio.timeout(3):
            return await ready()
    except (OSError, TimeoutError):
        return False


@dataclass
class Assembly:
    """What every service is made of, for its `main` to add its own to."""

    name: str
    title: str
    settings: ServiceSettings
    clock: Clock
    keys: KeySource | None = None
    effects: Mapping[str, Effect] = field(default_factory=dict)
    topics: Sequence[str] = ()
    """What the service reads, as one group named after it; nothing when empty."""
    larger_bodies: Mapping[str, int] = field(default_factory=dict)
    """Bytes that a body may have, by a pattern of `METHOD path`; elsewhere it is 256 KiB."""
    in_business_time: bool = False
    """Whether `clock` is put forward with the sandbox's, where the settings allow one."""

    def __post_init__(self) -> None:
        self.wall = self.clock
        self.sandbox: SandboxClock | None = None
        if self.in_business_time and self.settings.sandbox_clock:
            self.clock = self.sandbox = SandboxClock(self.wall)
        url = self.settings.database_url.get_secret_value()
        self.engine = create_engine(
            url, application=f"roadworthy-{self.name}", pool_size=self.settings.database_pool_size
        )
        self.database = Database(self.engine, self.clock, source=f"/{self.name}")
        self.kafka = Kafka(self.settings)
        self.relay = Relay(self.name, dsn(url), self.kafka)
        self.database.on_publish(self.relay.wake)

    def service(
        self, app: FastAPI, router: APIRouter, workers: Sequence[Worker] = (), **own: Part
    ) -> Service:
        """Put the parts together, with the service's own by name; nothing runs yet."""
        parts: dict[str, Part] = {"relay": self.relay}
        inbox = None
        if self.topics:
            followed = {"clock.advanced": self.sandbox.told} if self.sandbox else {}
            inbox = Inbox(self.name, self.database, {**self.effects, **followed})
            parts["consumer"] = self.kafka.subscription(self.name, self.topics, inbox.receive)
        parts["housekeeping"] = Worker(
            f"{self.name} housekeeping", self._keep_house, every=HOUSEKEEPING_SECONDS
        )
        parts |= {worker.name: worker for worker in workers} | own
        if self.sandbox:
            parts["clock"] = self._kept_time(self.sandbox, workers)
        service = Service(self.name, app, self.engine, self.database, self.kafka, inbox, parts)
        app.router.routes.extend(router.routes)  # `include_router` would make each anew
        _operating_routes(service, self.topics)
        return service

    def app(self, own_keys: KeySource | None = None, show: problems.Show | None = None) -> FastAPI:
        """Make the service's app, with what every app answers.

        Tokens are checked by the keys handed over, else by the service's own, else by JWKS_URL's.
        `show` shows people what was refused.
        """
        app = FastAPI(
            title=self.title,
            version="1.0.0",
            openapi_url=f"/openapi/{self.name}.json",
            docs_url=None,
            redoc_url=None,
        )
        app.state.tokens = Tokens(
            self.keys or own_keys or JwksUrl(self.settings.jwks_url),
            self.wall,
            issuer=self.settings.auth_issuer,
            audience=self.settings.auth_audience,
        )
        app.state.database = self.database
        problems.install(app, show)
        documents.complete(app)
        reference.serve(app, f"/docs/{self.name}", f"/openapi/{self.name}.json")
        app.add_middleware(Edge, service=self.name, larger=self.larger_bodies)
        return app

    def _kept_time(self, sandbox: SandboxClock, workers: Sequence[Worker]) -> Worker:
        for worker in workers:
            sandbox.on_advance(worker.wake)
        return Worker("clock", partial(sandbox.look, self.database), every=CLOCK_SECONDS)

    async def _keep_house(self) -> int:
        async with self.database.transaction() as work:
            await keep_up(
                work.connection,
                keep_days=self.settings.retention_days,
                has_inbox=bool(self.topics),
            )
        return 0


def _operating_routes(service: Service, topics: Sequence[str]) -> None:
    app = service.app
    group = service.name if topics else None
    asyncapi = service.kafka.describe(service.name, group, topics)

    @app.get("/healthz", include_in_schema=False)
    async def alive() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz", include_in_schema=False)
    async def ready() -> Response:
        parts = await service.ready()
        return JSONResponse({service.name: parts}, 200 if all(parts.values()) else 503)

    @app.get("/metrics", include_in_schema=False)
    @app.get(f"/metrics/{service.name}", include_in_schema=False)
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    @app.get(f"/asyncapi/{service.name}.json", include_in_schema=False)
    async def asyncapi_document() -> Response:
        return Response(asyncapi.to_specification().to_json(), media_type="application/json")
