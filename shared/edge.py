"""The edge of every app: request id, body limit, metrics, access log and the request's span."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping

import structlog
from prometheus_client import Counter, Histogram
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import context, problems, tracing
from shared.ids import new_event_id
from shared.problems import Problem, unexpected
from shared.visitors import told_apart_by

MAX_BODY_BYTES = 262_144
_REQUEST_ID = re.compile(rb"[\x21-\x7e]{1,128}")

_NOSNIFF = (b"x-content-type-options", b"nosniff")
_NO_STORE = (b"cache-control", b"no-store")

log = structlog.get_logger("http")
requests = Counter("roadworthy_http_requests_total", "Answered", ["service", "method", "status"])
seconds = Histogram("roadworthy_http_seconds", "From first byte to last", ["service", "route"])


class Edge:
    """Wraps an app; a body past the limit is refused before it is read to its end."""

    def __init__(
        self, app: ASGIApp, *, service: str, larger: Mapping[str, int] | None = None
    ) -> None:
        self._app = app
        self._service = service
        # What these operations take (patterns of method and path) may be larger, in bytes.
        self._larger = [(re.compile(what), limit) for what, limit in (larger or {}).items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"")
        request_id = given.decode() if _REQUEST_ID.fullmatch(given) else new_event_id()
        started, status, begun = time.perf_counter(), 500, False

        async def answer(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                status, begun = message["status"], True
                out = [*message["headers"], (b"x-request-id", request_id.encode()), _NOSNIFF]
                if not any(name == b"cache-control" for name, _ in out):
                    out.append(_NO_STORE)
                message["headers"] = out
            await send(message)

        visitor = told_apart_by(scope["client"][0]) if scope.get("client") else None
        with (
            context.following(request_id, account=visitor),
            tracing.serving(scope["method"], headers) as span,
        ):
            try:
                limit = self._limit(f"{scope['method']} {scope['path']}")
                if int(headers.get(b"content-length") or 0) > limit:
                    await _refused(scope, too_large(limit))(scope, receive, answer)
                elif "\x00" in scope["path"] or b"%00" in scope["query_string"]:
                    await _refused(scope, _NUL)(scope, receive, answer)
                else:
                    await self._app(scope, _limited(receive, limit), answer)
            except Exception as error:
                if begun:  # too late for another answer: the connection has to break
                    raise
                await _refused(scope, unexpected(error))(scope, receive, answer)
            finally:
                took = time.perf_counter() - started
                route = getattr(scope.get("route"), "path", "unmatched")
                requests.labels(self._service, scope["method"], str(status)).inc()
                seconds.labels(self._service, route).observe(took)
                span.set_attributes({"http.route": route, "http.response.status_code": status})
                log.info(
                    "http.answered",
                    service=self._service,
                    method=scope["method"],
                    route=route,
                    status=status,
                    ms=round(took * 1000, 1),
                )

    def _limit(self, operation: str) -> int:
        found = (limit for pattern, limit in self._larger if pattern.fullmatch(operation))
        return next(found, MAX_BODY_BYTES)


def _refused(scope: Scope, problem: Problem) -> Response:
    return problems.answer(Request(scope), problem)


_NUL = Problem(400, "malformed-url", "A URL can't have NUL in it.")


def too_large(limit: int) -> Problem:
    """Refuse a body of more bytes than that."""
    return Problem(413, "body-too-large", f"A body has {limit} bytes at the most.")


def _limited(receive: Receive, limit: int) -> Receive:
    """Count what comes in, for a body that doesn't say its length."""
    read = 0

    async def counted() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > limit:
            # Of all errors, FastAPI lets through only this kind while it reads a body.
            refused = too_large(limit)
            raise HTTPException(refused.status, refused.detail)
        return message

    return counted
