"""The command `roadworthy`."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from pydantic import ValidationError

from roadworthy.embedded.errors import PartError
from roadworthy.gateway import SERVICES

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    help="""Roadworthy brings vehicles back to the road: quotes, orders, bookings, webhooks, mails.

    **On one machine** `roadworthy up` runs everything, out of Python alone. Then `roadworthy demo`
    walks the whole story, `roadworthy listen` shows webhooks as they come, and `roadworthy status`
    says where everything is.

    **In production** `roadworthy migrate` brings each database up to date, `roadworthy serve NAME`
    runs one service, with its settings from the environment (see `.env.example`), and `roadworthy
    operator` gives the first way in.""",
)
events = typer.Typer(no_args_is_help=True, help="Look at the events on Kafka.")
app.add_typer(events, name="events")
clock = typer.Typer(help="The time of the sandbox, which goes forward when it is asked to.")
app.add_typer(clock, name="clock")

Data = Annotated[
    Path, typer.Option(envvar="DATA", help="Where this platform keeps everything it has.")
]
LOG_LEVEL = typer.Option(envvar="LOG_LEVEL", case_sensitive=False, help="What is logged.")
Name = Annotated[str, typer.Argument(metavar="NAME", help=", ".join(SERVICES))]
DEFAULT_DATA = Path(".roadworthy")


class LogLevel(StrEnum):
    """From what on is logged."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


@app.command()
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

    _or_say_why(lambda: run(run_platform(data, port, typer.echo, log_level=log_level, kafka=kafka)))


@app.command()
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
    _or_say_why(lambda: run(run_service(name, host, port)))


@app.command()
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
    _or_say_why(lambda: asyncio.run(migrate_all()))


@app.command()
def operator() -> None:
    """Make an API client for the platform's operator, and print its secret, this once.

    The way into a new installation: the operator opens everyone else's accounts over HTTP. Each
    call makes one more client. The URL of the partner service's database comes from
    PARTNER_DATABASE_URL or DATABASE_URL. `roadworthy up` does this by itself.
    """
    from roadworthy.operator import way_in

    url = _database_url("partner", alone=True)
    typer.echo(json.dumps(asyncio.run(way_in(url)), indent=2))


@app.command()
def status(
    data: Data = DEFAULT_DATA,
    as_json: Annotated[bool, typer.Option("--json", help="For programs to read.")] = False,
) -> None:
    """Say where every part of the running platform is, and how it is; exit with 1 if one is ill."""
    from roadworthy.status import report

    found = asyncio.run(report(data))
    if found is None:
        _fail(f"No platform was ever started on {data}: roadworthy up")
    typer.echo(json.dumps(found.as_json(), indent=2) if as_json else found.as_text())
    raise typer.Exit(0 if found.ready else 1)


@app.command()
def demo(data: Data = DEFAULT_DATA) -> None:
    """Walk the whole story against the running platform, and show every webhook and mail.

    A quote is asked for, paid and so ordered, repaired and completed; a workshop is booked, and
    does its work. Each webhook's signature is checked by the libraries that partners use. Nothing
    is removed afterwards: look around with `roadworthy events tail --from-start`.
    """
    from roadworthy.demo import demo as walk
    from roadworthy.server import run

    _or_say_why(lambda: run(walk(data, typer.echo)))


@app.command()
def listen(
    types: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TYPE]...", help="Such as quote.created or 'service.*'."),
    ] = None,
    events: Annotated[
        str, typer.Option("--events", help="The same, with commas between: quote.*,service.created")
    ] = "",
    forward_to: Annotated[
        str | None,
        typer.Option("--forward-to", help="Such as http://localhost:3000/hook, on this machine."),
    ] = None,
    role: Annotated[str, typer.Option("--as", help="partner, workshop or operator.")] = "partner",
    data: Data = DEFAULT_DATA,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Print webhooks as they come, signatures checked, until Ctrl-C.

    Makes a webhook endpoint on this machine for as long as it runs. With --forward-to each goes on
    to a program of yours, as it came and signed with the secret that is printed, and what that
    program answers is the answer to the platform: a failure is tried again.
    """
    from roadworthy.listen import listen as print_webhooks
    from roadworthy.server import run

    if role not in (roles := ("partner", "workshop", "operator")):
        _fail(f"--as takes {', '.join(roles)}")
    wanted = [*(types or ()), *filter(None, map(str.strip, events.split(",")))]
    _or_say_why(
        lambda: run(print_webhooks(data, role, wanted, forward_to=forward_to, as_json=as_json))
    )


@events.command()
def tail(
    types: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TYPE]...", help="Such as quote.created or 'service.*'."),
    ] = None,
    data: Data = DEFAULT_DATA,
    kafka: Annotated[
        str | None,
        typer.Option(envvar="KAFKA_BOOTSTRAP_SERVERS", help="Instead of the local platform's."),
    ] = None,
    prefix: Annotated[str, typer.Option(envvar="KAFKA_TOPIC_PREFIX")] = "",
    from_start: Annotated[bool, typer.Option(help="Begin with the oldest kept.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Print events as they are published, until Ctrl-C."""
    from roadworthy.events import print_tail
    from roadworthy.server import run
    from roadworthy.status import read_up

    local = read_up(data)
    bootstrap = kafka or (local.kafka if local else None)
    if bootstrap is None:
        _fail(f"No platform was ever started on {data}; or name a broker with --kafka")
    told = print_tail(bootstrap, types or (), prefix=prefix, from_start=from_start, as_json=as_json)
    _or_say_why(lambda: run(told))


@clock.callback(invoke_without_command=True)
def show_clock(context: typer.Context, data: Data = DEFAULT_DATA) -> None:
    """Say what time it is in the sandbox."""
    from roadworthy.sandbox import read

    if context.invoked_subcommand is None:
        _or_say_why(lambda: typer.echo(asyncio.run(read(data))))


@clock.command()
def advance(
    by: Annotated[str, typer.Argument(metavar="BY", help="Such as P3D or PT36H (ISO 8601).")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Put the clock forward: what falls due meanwhile expires, is reminded of, is late, at once."""
    from roadworthy.sandbox import advance as put_forward

    _or_say_why(lambda: typer.echo(asyncio.run(put_forward(data, advance=by))))


@clock.command(name="set")
def set_clock(
    now: Annotated[str, typer.Argument(metavar="NOW", help="Such as 2026-12-01T06:00:00Z.")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Put the clock forward to a moment."""
    from roadworthy.sandbox import advance as put_forward

    _or_say_why(lambda: typer.echo(asyncio.run(put_forward(data, now=now))))


def _known(name: str) -> None:
    if name not in SERVICES:
        _fail(f"There is no service {name!r}; there are {', '.join(SERVICES)}")


def _database_url(name: str, *, alone: bool) -> str:
    variable = f"{name.upper()}_DATABASE_URL"
    url = os.environ.get(variable) or (os.environ.get("DATABASE_URL") if alone else None)
    return url or _fail(f"{variable} isn't set" + (", nor is DATABASE_URL" if alone else ""))


def _or_say_why(work: Callable[[], None]) -> None:
    try:
        work()
    except PartError as error:
        _fail(str(error))
    except ValidationError as error:
        wrong = "; ".join(f"{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        _fail(f"The settings are not right ({wrong}). See .env.example")


def _fail(why: str) -> NoReturn:
    typer.echo(why, err=True)
    raise typer.Exit(1)
