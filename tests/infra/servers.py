"""PostgreSQL, Kafka and SMTP for the tests, of the kind that ROADWORTHY_TEST_INFRA names.

embedded (default): out of Python wheels. kafka: the same, but Apache Kafka at
KAFKA_BOOTSTRAP_SERVERS, as tests/kafka.sh starts it. docker: testcontainers. external:
DATABASE_ADMIN_URL (a superuser) and KAFKA_BOOTSTRAP_SERVERS. Each worker has its own servers,
except where they are given.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from roadworthy.embedded.broker import Broker
from roadworthy.embedded.inbox import Inbox
from roadworthy.embedded.postgres import Postgres

KINDS = ("embedded", "kafka", "docker", "external")
INFRA = os.environ.get("ROADWORTHY_TEST_INFRA", "embedded")
POSTGRES_IMAGE = "postgres:18-alpine"
KAFKA_IMAGE = "confluentinc/cp-kafka:8.0.0"
MEMORY = Path("/dev/shm")  # noqa: S108 - the folder made in it is private
ROOM_BYTES = 4_000_000_000


@dataclass(frozen=True)
class PostgresServer:
    """A server on which the tests may make databases and roles."""

    admin_url: str
    """A superuser's, without a driver's name."""

    outlives_us: bool


def pytest_configure() -> None:
    if INFRA not in KINDS:
        raise pytest.UsageError(f"ROADWORTHY_TEST_INFRA={INFRA} is none of {', '.join(KINDS)}")


def pytest_report_header() -> str:
    return f"infrastructure: {INFRA}"


@pytest_asyncio.fixture(scope="session")
async def postgres_server(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[PostgresServer]:
    """Yield a PostgreSQL server; the one of this worker, unless an address is given."""
    if INFRA == "external":
        yield PostgresServer(_from_environment("DATABASE_ADMIN_URL"), outlives_us=True)
    elif INFRA == "docker":
        with _postgres_container() as url:
            yield PostgresServer(url, outlives_us=False)
    else:
        with _quick_folder(tmp_path_factory) as folder:
            async with Postgres(folder / "postgres", durable=False) as server:
                yield PostgresServer(server.admin_url, outlives_us=False)


@pytest_asyncio.fixture(scope="session")
async def kafka_bootstrap(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Yield the address of a Kafka broker."""
    if INFRA in ("kafka", "external"):
        yield _from_environment("KAFKA_BOOTSTRAP_SERVERS")
    elif INFRA == "docker":
        with _kafka_container() as bootstrap:
            yield bootstrap
    else:
        async with Broker(tmp_path_factory.mktemp("broker")) as broker:
            yield broker.bootstrap


@pytest_asyncio.fixture(scope="session")
async def smtp_inbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Inbox]:
    """Yield a mail server whose mails can be read; always the embedded one."""
    async with Inbox(tmp_path_factory.mktemp("inbox")) as inbox:
        yield inbox


@pytest.fixture(scope="module")
def topic_prefix() -> str:
    """Return a prefix for topics and groups that no other module has (KAFKA_TOPIC_PREFIX)."""
    return f"test-{uuid.uuid4().hex[:12]}."


@contextmanager
def _quick_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield a folder in memory where there is room: a database is made in 13 ms there, not 120."""
    for left in MEMORY.glob("roadworthy-test-*"):
        if not psutil.pid_exists(int(left.name.split("-")[2])):  # its run was killed
            shutil.rmtree(left, ignore_errors=True)
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM_BYTES:
        yield tmp_path_factory.mktemp("quick")
        return
    with tempfile.TemporaryDirectory(dir=MEMORY, prefix=f"roadworthy-test-{os.getpid()}-") as path:
        yield Path(path)


def _from_environment(name: str) -> str:
    if name not in os.environ:
        raise pytest.UsageError(f"ROADWORTHY_TEST_INFRA={INFRA} needs {name}")
    return os.environ[name]


@contextmanager
def _postgres_container() -> Iterator[str]:
    from testcontainers.community.postgres import PostgresContainer

    with PostgresContainer(POSTGRES_IMAGE, username="postgres", driver=None) as container:
        yield container.get_connection_url()


@contextmanager
def _kafka_container() -> Iterator[str]:
    from testcontainers.community.kafka import KafkaContainer

    with KafkaContainer(KAFKA_IMAGE).with_kraft() as container:
        yield container.get_bootstrap_server()
