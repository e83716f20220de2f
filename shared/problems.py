"""Errors as RFC 9457 problems, with a stable `code` and every bad field by its JSON pointer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from sqlalchemy.exc import DBAPIError, InternalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.routing import Route

PROBLEM_BASE = "https://roadworthy.dev/problems"
MEDIA_TYPE = "application/problem+json"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field; the pointer is RFC 6901, into the body or the query."""

    pointer: str
    code: str
    message: str


@dataclass
class Problem(Exception):
    """A refusal, as the caller will read it; `extra` members are the problem type's own."""

    status: int
    code: str
    detail: str
    errors: Sequence[FieldError] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """Render the problem's JSON members."""
        body = {
            "type": f"{PROBLEM_BASE}/{self.code}",
            "title": self.code.replace("-", " ").capitalize(),
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            **self.extra,
        }
        if self.errors:
            body["errors"] = [asdict(error) for error in self.errors]
        return body

    def response(self) -> Response:
        """Render the whole answer."""
        return Response(
            orjson.dumps(self.body()), self.status, dict(self.headers), media_type=MEDIA_TYPE
        )


def not_found(what: str) -> Problem:
    """Answer the same for what is another tenant's as for what isn't there."""
    return Problem(404, "not-found", f"There is no such {what}.")


def invalid(pointer: str, code: str, message: str) -> Problem:
    """Refuse one field of otherwise well-formed input."""
    return Problem(
        422, "invalid-request", "A field is not acceptable.", [FieldError(pointer, code, message)]
    )


def key_in_use() -> Problem:
    """Refuse a second request with an `Idempotency-Key` while the first still runs."""
    detail = "A request with this Idempotency-Key is still running."
    return Problem(409, "idempotency-key-in-use", detail, headers={"Retry-After": "1"})


def key_reused() -> Problem:
    """Refuse another request with an `Idempotency-Key` that was used."""
    detail = "This Idempotency-Key was used for another request."
    return Problem(422, "idempotency-key-reused", detail)


Show = Callable[[Request, Problem], Response | None]
"""Shows a refusal to a person; None for a request that isn't one's."""


def install(app: FastAPI, show: Show | None = None) -> None:
    """Answer every error of an app as a problem, or as `show` does where that answers.

    What nobody foresaw is left to the edge.
    """
    app.state.show_refusal = show
    app.add_exception_handler(Problem, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DBAPIError, database_refused)
    for out_of_reach in (PoolTimeout, ConnectionError, TimeoutError):
        app.add_exception_handler(out_of_reach, _busy)


def answer(request: Request, problem: Problem) -> Response:
    """Render a refusal for whoever asked: a person, or a program."""
    show: Show | None = request.app.state.show_refusal
    shown = show(request, problem) if show else None
    if shown is None:
        return problem.response()
    shown.headers.update(problem.headers)
    return shown


async def _refused(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)  # noqa: S101 - Starlette's signature hides the type
    return answer(request, problem)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
    found = [_field_error(each) for each in error.errors()]
    for each in error.errors():
        if each["type"] == "json_invalid":
            detail = f"The body is not JSON, from character {each['loc'][-1]} on."
            return answer(request, Problem(400, "malformed-json", detail))
        if each["loc"] == ("body",) and isinstance(error.body, bytes):
            detail = "Send JSON, with the header 'Content-Type: application/json'."
            return answer(request, Problem(415, "unsupported-media-type", detail))
    named = ", ".join(each.pointer or "/" for each in found)
    return answer(request, Problem(422, "invalid-request", f"Not acceptable: {named}.", found))


_CODES = {"extra_forbidden": "unknown-field", "missing": "missing"}


def _field_error(error: Mapping[str, Any]) -> FieldError:
    place, *steps = error["loc"]
    if place == "path":
        steps = [place, *steps]
    pointer = "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)
    kind = str(error["type"])
    return FieldError(
        pointer, _CODES.get(kind, kind.replace("_", "-").replace(".", "-")), error["msg"]
    )


_HTTP_CODES = {
    400: "malformed-json",  # too deep, a number too long, no UTF-8: what the parser gives up on
    401: "unauthenticated",
    404: "not-found",
    405: "method-not-allowed",
    413: "body-too-large",
}


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as above
    code = _HTTP_CODES.get(error.status_code, "refused")
    headers, detail = error.headers or {}, error.detail
    if error.status_code == 404 and detail == HTTPStatus.NOT_FOUND.phrase:
        detail = "There is no such path."
    if error.status_code == 405:
        methods = ", ".join(_methods(request))
        headers, detail = {"Allow": methods}, f"This path takes {methods}."
    return answer(request, Problem(error.status_code, code, detail, headers=headers))


def _methods(request: Request) -> list[str]:
    """List what a path can be asked; of its routes, Starlette only knows the first."""
    asked = request.scope["path"]
    routes = (each for each in request.app.routes if isinstance(each, Route))
    found = [each.methods or () for each in routes if each.path_regex.fullmatch(asked)]
    return sorted({method for methods in found for method in methods})


async def database_refused(request: Request, error: Exception) -> Response:
    """Say what a database's refusal means to a caller; raises one that nobody foresaw."""
    assert isinstance(error, DBAPIError)  # noqa: S101 - as above
    state = getattr(error.orig, "sqlstate", None) or ""
    if state in {"22021", "22P05"}:
        detail = "The text has a character that can't be stored, such as NUL."
        return answer(request, Problem(422, "unstorable-text", detail))
    if getattr(error.orig, "constraint_name", None) == "idempotency_keys_pkey":
        return answer(request, key_in_use())
    out_of_step = isinstance(error, InternalError) and not state  # with a server that goes away
    if error.connection_invalidated or out_of_step or isinstance(error.orig, OSError):
        # Whoever loses a connection doesn't know how far the other side came, a commit included.
        return _unavailable(request, error, _LOST)
    if state[:2] in {"08", "40", "53", "55", "57"}:
        return _unavailable(request, error, _BUSY)
    raise error


async def _busy(request: Request, error: Exception) -> Response:
    return _unavailable(request, error, _BUSY)


_BUSY = "The database is busy, restarting or out of space. Nothing was changed; try again."
_LOST = (
    "The connection to the database was lost. What was asked may have been done all the same; "
    "repeat it with the same Idempotency-Key."
)


def _unavailable(request: Request, error: Exception, detail: str) -> Response:
    log.warning("database.unavailable", error=repr(error.__cause__ or error)[:500])
    return answer(request, Problem(503, "unavailable", detail, headers={"Retry-After": "1"}))


def unexpected(error: Exception) -> Problem:
    """Record an error that nobody foresaw, and tell the caller no more than that."""
    log.error("request.failed", exc_info=error)
    detail = "This is a fault of ours, and it was recorded. Quote the X-Request-Id header."
    return Problem(500, "internal-error", detail)
