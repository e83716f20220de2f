"""The commands with which a running platform is looked at and tried."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from roadworthy.terminal import DEFAULT_DATA, HERE, Data, fail, or_say_why

ROLES = ("partner", "workshop", "operator")

app = typer.Typer(rich_markup_mode="markdown")
events = typer.Typer(no_args_is_help=True, help="Look at the events on Kafka.")
app.add_typer(events, name="events", rich_help_panel=HERE)
clock = typer.Typer(help="The time of the sandbox, which goes forward when it is asked to.")
app.add_typer(clock, name="clock", rich_help_panel=HERE)


@app.command(rich_help_panel=HERE)
def demo(data: Data = DEFAULT_DATA) -> None:
    """Walk the whole story against the running platform, and show every webhook and mail.

    A quote is asked for, paid and so ordered, repaired and completed; a workshop is booked, and
    does its work. Each webhook's signature is checked by the libraries that partners use. Nothing
    is removed afterwards: look around with `roadworthy events tail --from-start`.
    """
    from roadworthy.demo import demo as walk
    from roadworthy.server import run

    or_say_why(lambda: run(walk(data, typer.echo)))


@app.command(rich_help_panel=HERE)
def token(
    role: Annotated[
        str, typer.Argument(metavar="[ROLE]", help="partner, workshop or operator.")
    ] = "partner",
    data: Data = DEFAULT_DATA,
) -> None:
    """Print an access token, good for an hour, of an account that `roadworthy up` made.

    As in `curl -H "Authorization: Bearer $(roadworthy token)" …`
    """
    from roadworthy.client import clients

    async def print_token() -> None:
        async with clients(data) as made:
            typer.echo(await made[role].token())

    if role not in ROLES:
        fail(f"There is no {role!r}; there are {', '.join(ROLES)}")
    or_say_why(lambda: asyncio.run(print_token()))


@app.command(rich_help_panel=HERE)
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

    if role not in ROLES:
        fail(f"--as takes {', '.join(ROLES)}")
    wanted = [*(types or ()), *filter(None, map(str.strip, events.split(",")))]
    or_say_why(
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
        fail(f"No platform was ever started on {data}; or name a broker with --kafka")
    told = print_tail(bootstrap, types or (), prefix=prefix, from_start=from_start, as_json=as_json)
    or_say_why(lambda: run(told))


@clock.callback(invoke_without_command=True)
def show_clock(context: typer.Context, data: Data = DEFAULT_DATA) -> None:
    """Say what time it is in the sandbox."""
    from roadworthy.sandbox import read

    if context.invoked_subcommand is None:
        or_say_why(lambda: typer.echo(asyncio.run(read(data))))


@clock.command()
def advance(
    by: Annotated[str, typer.Argument(metavar="BY", help="Such as P3D or PT36H (ISO 8601).")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Put the clock forward: what falls due meanwhile expires, is reminded of, is late, at once."""
    from roadworthy.sandbox import advance as put_forward

    or_say_why(lambda: typer.echo(asyncio.run(put_forward(data, advance=by))))


@clock.command(name="set")
def set_clock(
    now: Annotated[str, typer.Argument(metavar="NOW", help="Such as 2026-12-01T06:00:00Z.")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Put the clock forward to a moment."""
    from roadworthy.sandbox import advance as put_forward

    or_say_why(lambda: typer.echo(asyncio.run(put_forward(data, now=now))))
