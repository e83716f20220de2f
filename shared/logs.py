"""Structured logs: one JSON object a line, with the correlation id; never a secret or a body."""

from __future__ import annotations

import logging
import sys
import traceback
from contextlib import suppress
from typing import Literal, TextIO, cast

import structlog
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

from shared import context

REPEAT_SECONDS = 10.0
MAX_KNOWN = 1_000

FAILS = (OSError, ValueError)
"""What a stream raises that can't be written to; a closed one, the second."""

# Without the frames' variables: there would be tokens, bodies and addresses among them.
_traceback = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)


def _correlated(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    if correlation := context.correlation_id():
        event["correlation_id"] = correlation
    return event


def _without_rows(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Cut what PostgreSQL says in detail: the whole row that it refused."""
    for error in event.get("exception", ()):
        error["exc_value"] = error["exc_value"].partition("\nDETAIL:")[0]
    return event


def _plain_traceback(out: TextIO, error: ExcInfo) -> None:
    """Print a traceback, without those rows, too."""
    for line in "".join(traceback.format_exception(*error)).splitlines(keepends=True):
        if not line.startswith("DETAIL:"):
            out.write(line)


class _Lasting:
    """A stream that fails nobody who logs: its disk may be full, its reader gone, or itself closed.

    It says so on standard error, and the next line that can be written says how many couldn't be.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._failed: OSError | ValueError | None = None
        self.lost = 0

    def write(self, part: str) -> None:
        """Write a part of a line."""
        try:
            self._stream.write(part)
        except FAILS as error:
            self._failed = error

    def flush(self) -> None:
        """End a line."""
        try:
            self._stream.flush()
        except FAILS as error:
            self._failed = error
        failed, self._failed = self._failed, None
        if failed is None:
            self.lost = 0
            return
        if not self.lost and self._stream is not sys.stderr:
            with suppress(*FAILS):
                print(f"The log can't be written: {failed}", file=sys.stderr, flush=True)  # noqa: T201 - there is no log
        self.lost += 1

    def gap(self, _: WrappedLogger, __: str, event: EventDict) -> EventDict:
        """Have a line say how many are missing before it."""
        if self.lost:
            event["lines_lost"] = self.lost
        return event


def configure(
    level: str = "INFO", form: Literal["json", "text"] = "json", stream: TextIO | None = None
) -> None:
    """Log to standard error or another stream, as JSON for machines or as text for a person."""
    stream = stream or sys.stderr
    renderer = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(
            colors=stream.isatty(), exception_formatter=_plain_traceback
        )
    )
    tracebacks: list[Processor] = [_traceback, _without_rows] if form == "json" else []
    lasting = _Lasting(stream)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _correlated,
            lasting.gap,
            *tracebacks,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", lasting)),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_Libraries()], force=True)


class _Libraries(logging.Handler):
    """Libraries' warnings in our form, the same one at most every ten seconds."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        what = (record.name, str(record.msg))
        if record.created - self._said.get(what, 0.0) < REPEAT_SECONDS:
            return
        if len(self._said) >= MAX_KNOWN:
            self._said.clear()
        self._said[what] = record.created
        log = structlog.get_logger(record.name)
        log.log(record.levelno, record.getMessage(), library=record.name, exc_info=record.exc_info)
