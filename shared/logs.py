"""Structured logs: one JSON object a line, with the correlation id; never a secret or a body."""

from __future__ import annotations

import logging
import sys
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

from shared import context

REPEAT_SECONDS = 10.0
MAX_KNOWN = 1_000

# Without the frames' variables: there would be tokens, bodies and addresses among them.
_traceback = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)


def _correlated(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    if correlation := context.correlation_id():
        event["correlation_id"] = correlation
    return event


def configure(
    level: str = "INFO", form: Literal["json", "text"] = "json", stream: TextIO = sys.stderr
) -> None:
    """Log to standard error or another stream, as JSON for machines or as text for a person."""
    renderer = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(
            colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _correlated,
            *([_traceback] if form == "json" else []),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stream),
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
