"""The command `roadworthy`."""

from __future__ import annotations

import asyncio
import json
import os
from enum import StrEnum
from importlib.metadata import version as version_of
from typing import Annotated

import typer

from roadworthy import trying
from roadworthy.collecting import collect_rarely
from roadworthy.gateway import SERVICES
from roadworthy.terminal import DEFAULT_DATA, HERE, IN_PRODUCTION, Data, fail, or_say_why

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
)
app.add_typer(trying.app)

LOG_LEVEL = typer.Option(envvar="LOG_LEVEL", case_sensitive=False, help="What is logged.")
Name = Annotated[str, typer.Argument(metavar="NAME", help=", ".join(SERVICES))]


class LogLevel(StrEnum):
    """From what on is logged."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


def _say_version(asked: bool) -> None:  # noqa: FBT001 - typer calls it so
    if asked:
        typer.echo(f"roadworthy {version_of('roadworthy')}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_say_version, help="Say which.")
    ] = False,
) -> None:
    """Roadworthy brings vehicles back to the road: quotes, orders, bookings, webhooks, mails.

    **On one machine** `roadworthy up` runs everything, out of Python alone. Then `roadworthy demo`
    walks the whole story, `roadworthy listen` shows webhooks as they come, and `roadworthy status`
    says where everything is.

    **In production** `roadworthy migrate` brings each database up to date, `roadworthy serve NAME`
    runs one service, with its settings from the environment (see `.env.example`), and `roadworthy
    operator` gives the first way in.
    """
    collect_rarely()


@app.command(rich_help_panel=HERE)
def up(
    data: Data = DEFAULT_DATA,
    port: Annotated[
        int, typer.Option(envvar="PORT", min=1, max=65_535, help="Where HTTP is served.")
    ] = 8000,
    kafka: Annotated[
        str | None,
        typer.Option(envvar="KAFKA_BOOTSTRAP_SERVERS", help="Instead of the embedded broker."),
    ] = None,
    log_level: Annotated[LogLevel, LOG_LEVEL] = LogLevel.WARNING,
) -> None:
    """Run the whole platform on this machine, until Ctrl-C.

    PostgreSQL, a Kafka broker and a mail inbox come out of Python packages; every service runs in
    this process, on 127.0.0.1. A second start finds all data.
    """
    from roadworthy.server import run
    from roadworthy.up import up as run_platform

    or_say_why(lambda: run(run_platform(data, port, typer.echo, log_level=log_level, kafka=kafka)))


@app.command(rich_help_panel=IN_PRODUCTION)
def serve(
    name: Name,
    host: Annotated[str, typer.Option(envvar="HOST", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(envvar="PORT", min=1, max=65_535, help="Where to listen.")
    ] = 8000,
    log_level: Annotated[LogLevel, LOG_LEVEL] = LogLevel.INFO,
) -> None:
    """Run one service, as production does.

    Its settings come from the environment: DATABASE_URL, KAFKA_BOOTSTRAP_SERVERS, and the rest of
    `.env.example`. It makes the topics that aren't there; the database is `roadworthy migrate`'s.
    """
    from roadworthy.server import run
    from roadworthy.single import serve as run_service
    from shared import logs, tracing

    _known(name)
    logs.configure(log_level, "json")
    tracing.configure(name)
    or_say_why(lambda: run(run_service(name, host, port)))


@app.command(rich_help_panel=IN_PRODUCTION)
def migrate(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="All, without a name.")
    ] = None,
) -> None:
    """Bring the services' databases up to date; safe to run twice, and from several places.

    The URLs come from QUOTE_DATABASE_URL and so on, or for one service from DATABASE_URL.
    `roadworthy up` does this by itself.
    """
    from roadworthy.upgrading import bring_up_to_date

    async def migrate_all() -> None:
        for name in names or SERVICES:
            url = _database_url(name, alone=len(names or ()) == 1)
            changed = await bring_up_to_date(name, url)
            typer.echo(f"{name:10} {'brought up to date' if changed else 'was up to date'}")

    for name in names or ():
        _known(name)
    or_say_why(lambda: asyncio.run(migrate_all()))


@app.command(rich_help_panel=IN_PRODUCTION)
def operator() -> None:
    """Make an API client for the platform's operator, and print its secret, this once.

    The way into a new installation: the operator opens everyone else's accounts over HTTP. Each
    call makes one more client. The URL of the partner service's database comes from
    PARTNER_DATABASE_URL or DATABASE_URL. `roadworthy up` does this by itself.
    """
    from roadworthy.operator import way_in

    url = _database_url("partner", alone=True)
    or_say_why(lambda: typer.echo(json.dumps(asyncio.run(way_in(url)), indent=2)))


@app.command(rich_help_panel=HERE)
def status(
    data: Data = DEFAULT_DATA,
    as_json: Annotated[bool, typer.Option("--json", help="For programs to read.")] = False,
) -> None:
    """Say where every part of the running platform is, and how it is; exit with 1 if one is ill."""
    from roadworthy.status import report

    found = asyncio.run(report(data))
    if found is None:
        fail(f"No platform was ever started on {data}: roadworthy up")
    typer.echo(json.dumps(found.as_json(), indent=2) if as_json else found.as_text())
    raise typer.Exit(0 if found.ready else 1)


def _known(name: str) -> None:
    if name not in SERVICES:
        fail(f"There is no service {name!r}; there are {', '.join(SERVICES)}")


def _database_url(name: str, *, alone: bool) -> str:
    variable = f"{name.upper()}_DATABASE_URL"
    url = os.environ.get(variable) or (os.environ.get("DATABASE_URL") if alone else None)
    return url or fail(f"{variable} isn't set" + (", nor is DATABASE_URL" if alone else ""))
