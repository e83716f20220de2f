"""The commands as a terminal shows them: what is wrong is said in a line, never by a traceback."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from click.testing import Result
from typer.testing import CliRunner

from infra.databases import MakeDatabase
from roadworthy.cli import app
from roadworthy.client import CREDENTIALS
from roadworthy.embedded.errors import PartError
from roadworthy.embedded.ports import LOOPBACK, bind
from roadworthy.given import GivenBroker
from roadworthy.status import FILE
from services.partner.main import build
from services.partner.settings import PartnerSettings

NOBODY = "postgresql://somebody:secret-word@127.0.0.1:1/none"
KEY = "A" * 43 + "="


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """A command logs to the terminal that it was given, which is gone after it."""
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


def run(*words: str, **environment: str) -> Result:
    return CliRunner().invoke(app, words, env=environment)


@pytest.mark.parametrize(
    ("words", "environment", "said"),
    [
        (["migrate", "quote"], {"DATABASE_URL": NOBODY}, "database of quote can't be reached"),
        (["migrate", "quote"], {"DATABASE_URL": "mysql://a@b/c"}, "postgresql://role:password@"),
        (["operator"], {"DATABASE_URL": NOBODY}, "database of partner can't be reached"),
        (["operator"], {"DATABASE_URL": "secret-word"}, "postgresql://role:password@"),
        (["serve", "quote"], {"DATABASE_URL": "secret-word"}, "DATABASE_URL: not an address"),
        (
            ["serve", "notifier"],
            {"DATABASE_URL": NOBODY, "WEBHOOK_SECRETS_KEY": KEY, "WEBHOOK_LEASE": "1"},
            "WEBHOOK_LEASE has to be longer than WEBHOOK_TIMEOUT",
        ),
        (
            ["serve", "notifier"],
            {"DATABASE_URL": NOBODY, "WEBHOOK_SECRETS_KEY": f"{KEY},secret-word"},
            "WEBHOOK_SECRETS_KEY: not 32 bytes in base64",
        ),
        (
            ["serve", "notifier"],
            {
                "DATABASE_URL": NOBODY,
                "WEBHOOK_SECRETS_KEY": KEY,
                "WEBHOOK_ALLOWED_NETWORKS": "10.0.0.0/8",
            },
            "WEBHOOK_ALLOWED_NETWORKS: it has to be JSON",
        ),
        (
            ["serve", "notifier"],
            {"DATABASE_URL": NOBODY, "WEBHOOK_SECRETS_KEY": KEY, "MAIL_FROM": "Roadworthy"},
            "MAIL_FROM: not a sender such as",
        ),
        (
            ["serve", "order"],
            {"DATABASE_URL": NOBODY, "PUBLIC_URL": "roadworthy.example"},
            "PUBLIC_URL: not an origin such as https://roadworthy.example",
        ),
        (
            ["serve", "order"],
            {"DATABASE_URL": NOBODY, "ATTACHMENTS_URL": "/var/attachments"},
            "ATTACHMENTS_URL: String should match pattern",
        ),
        (
            ["serve", "booking"],
            {"DATABASE_URL": NOBODY, "BOOKING_LINKS_KEY": ""},
            "BOOKING_LINKS_KEY: not 32 bytes in base64",
        ),
    ],
)
def test_a_wrong_setting_is_named_and_what_it_holds_kept_quiet(
    words: list[str], environment: dict[str, str], said: str
) -> None:
    done = run(*words, **environment)
    assert done.exit_code == 1
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert "secret-word" not in done.output


async def test_a_database_s_address_is_taken_as_hosts_write_it(database: MakeDatabase) -> None:
    url = await database()
    hosted = url.replace("postgresql+asyncpg://", "postgres://") + "?sslmode=prefer"
    first, second = [
        await asyncio.to_thread(run, "migrate", "partner", DATABASE_URL=hosted) for _ in range(2)
    ]
    assert first.stdout == "partner    brought up to date\n"
    assert second.stdout == "partner    was up to date\n"
    made = await asyncio.to_thread(run, "operator", DATABASE_URL=hosted)
    assert json.loads(made.stdout)["client_id"].startswith("cli_")

    service = build(PartnerSettings(database_url=hosted, signing_keys_password="p" * 16))
    async with service.database.reading() as connection:
        assert (await connection.exec_driver_sql("SELECT count(*) FROM clients")).scalar() == 1
    await service.engine.dispose()


async def test_where_tls_is_asked_for_nothing_is_sent_without(database: MakeDatabase) -> None:
    url = f"{await database()}?sslmode=require"
    for words in (["migrate", "quote"], ["operator"]):
        refused = await asyncio.to_thread(run, *words, DATABASE_URL=url)
        assert refused.exit_code == 1
        assert "can't be reached: PostgreSQL server at " in refused.stderr
        assert "rejected SSL upgrade" in refused.stderr


async def test_a_kafka_that_isn_t_there_is_named() -> None:
    with pytest.raises(PartError, match=r"No Kafka answers at 127.0.0.1:1 \(KAFKA_BOOTSTRAP_"):
        await GivenBroker("127.0.0.1:1").start()


@pytest.fixture
def stopped(tmp_path: Path) -> Path:
    """The folder of a platform that isn't running."""
    unused = bind(LOOPBACK, 0)
    http = f"http://{LOOPBACK}:{unused.getsockname()[1]}"
    unused.close()
    places = {"http": http, "kafka": "", "smtp": "", "mail": "", "databases": {}}
    (tmp_path / FILE).write_text(json.dumps(places))
    login = {"client_id": "cli_1", "client_secret": "secret-word"}
    (tmp_path / CREDENTIALS).write_text(json.dumps(dict.fromkeys(("partner", "operator"), login)))
    return tmp_path


@pytest.mark.parametrize("words", [["demo"], ["token"], ["listen"], ["clock"], ["status"]])
def test_without_a_running_platform_the_way_to_start_one_is_said(
    words: list[str], stopped: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    never = run(*words, "--data", str(tmp_path_factory.mktemp("never")))
    ended = run(*words, "--data", str(stopped))
    for done in (never, ended):
        assert done.exit_code == 1
        assert done.output.endswith("roadworthy up\n")
        assert done.output.count("\n") == 1


def test_a_token_is_for_a_role_that_there_is() -> None:
    refused = run("token", "nobody")
    assert refused.stderr == "There is no 'nobody'; there are partner, workshop, operator\n"
