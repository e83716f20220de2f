"""What is logged: one JSON object a line, tied to its request, and no secret in it."""

from __future__ import annotations

import errno
import io
import json
import logging
import os
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from infra.plumbing import happened
from shared import context, logs
from shared.contracts import PartnerV1
from shared.database import Database

SECRET = "s3cret"[::-1]  # a traceback shows the source, and this isn't in it


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    handlers = logging.root.handlers[:]
    made = io.StringIO()
    logs.configure(stream=made)
    yield made
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_says_when_what_and_for_which_request(stream: io.StringIO) -> None:
    with context.following("request-1"):
        structlog.get_logger("test").info("thing.made", count=1)
    [line] = lines(stream)
    assert line["event"] == "thing.made"
    assert (line["count"], line["level"], line["correlation_id"]) == (1, "info", "request-1")
    assert line["timestamp"].endswith("Z")


def test_a_stream_that_was_closed_fails_nobody_who_logs(stream: io.StringIO) -> None:
    stream.close()
    structlog.get_logger("test").info("thing.made")


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_traceback_has_no_variables_in_it(form: Any) -> None:
    stream = io.StringIO()
    logs.configure(form=form, stream=stream)
    try:
        fail(SECRET)
    except RuntimeError:
        structlog.get_logger("test").exception("thing.failed")
    finally:
        structlog.reset_defaults()
    assert "thing.failed" in stream.getvalue()
    assert "it went wrong" in stream.getvalue()
    assert SECRET not in stream.getvalue()


def fail(password: str) -> None:
    raise RuntimeError("it went wrong" + password[:0])


@pytest.mark.parametrize("form", ["json", "text"])
async def test_a_refused_statement_does_not_show_its_values(bare: Database, form: Any) -> None:
    stream = io.StringIO()
    logs.configure(form=form, stream=stream)
    statement = text("INSERT INTO inbox (consumer, event_id) VALUES (:consumer, NULL)")

    async def refused() -> None:
        async with bare.transaction() as work:
            await work.connection.execute(statement, {"consumer": SECRET})

    with pytest.raises(IntegrityError) as error:
        await refused()
    structlog.get_logger("test").error("thing.failed", exc_info=error.value)
    structlog.reset_defaults()
    assert "INSERT INTO inbox" in stream.getvalue()
    assert SECRET not in stream.getvalue()


def test_data_that_does_not_fit_its_contract_is_not_shown() -> None:
    with pytest.raises(ValueError, match="active") as error:
        PartnerV1.model_validate_json(
            happened("one", 1, name=SECRET).data.replace("true", f'"{SECRET}"')
        )
    assert SECRET not in str(error.value)


def test_a_library_says_the_same_thing_once_in_a_while(stream: io.StringIO) -> None:
    library = logging.getLogger("aiokafka")
    for _ in range(50):
        library.warning("Unable to connect to %s", "node")
    library.info("not worth a line")
    [line] = lines(stream)
    assert line["event"] == "Unable to connect to node"
    assert line["library"] == "aiokafka"


class Full(io.StringIO):
    """A file on a disk that may have no room left."""

    def __init__(self) -> None:
        super().__init__()
        self.full = False

    def write(self, part: str) -> int:
        if self.full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(part)


def test_a_full_disk_costs_lines_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    stream = Full()
    logs.configure(stream=stream)
    log = structlog.get_logger("test")
    try:
        log.info("before")
        stream.full = True
        log.info("lost")
        log.info("lost, too")
        stream.full = False
        log.info("after")
        log.info("as usual")
    finally:
        structlog.reset_defaults()
    said = [(line["event"], line.get("lines_lost")) for line in lines(stream)]
    assert said == [("before", None), ("after", 2), ("as usual", None)]
    assert capsys.readouterr().err.count("No space left on device") == 1
