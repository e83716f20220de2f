"""What the commands have in common: their options, and how they say what went wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError

from roadworthy.embedded.errors import PartError

Data = Annotated[
    Path, typer.Option(envvar="DATA", help="Where this platform keeps everything it has.")
]
DEFAULT_DATA = Path(".roadworthy")

HERE = "On one machine"
IN_PRODUCTION = "In production"


def or_say_why(work: Callable[[], None]) -> None:
    """Do it; where the user can mend what is wrong, say that in a line and exit with 1."""
    try:
        work()
    except PartError as error:
        fail(str(error))
    except SettingsError as error:
        named = re.search(r'field "(\w+)"', str(error))
        place = named[1].upper() if named else "one"
        fail(f"The settings are not right ({place}: it has to be JSON). See .env.example")
    except ValidationError as error:
        wrong = "; ".join(
            ": ".join([*(str(place).upper() for place in each["loc"][:1]), _words(each["msg"])])
            for each in error.errors(include_input=False)
        )
        fail(f"The settings are not right ({wrong}). See .env.example")


def fail(why: str) -> NoReturn:
    """Say why, on standard error, and exit with 1."""
    typer.echo(why, err=True)
    raise typer.Exit(1)


def _words(message: str) -> str:
    return message.removeprefix("Value error, ")
