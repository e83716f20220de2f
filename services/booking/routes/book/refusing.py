"""What can't be shown, as a page too."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute

from services.booking.pages.rendering import page
from services.booking.pages.said import Refusal, refusal
from services.booking.routes.book.desk import carried_of
from services.booking.sealing import Altered, Expired
from shared.problems import Problem

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class PageRoute(APIRoute):
    """A route whose refusals people can read."""

    def get_route_handler(self) -> Handler:
        """Wrap the route's own handler."""
        handle = super().get_route_handler()

        async def shown(request: Request) -> Response:
            try:
                return await handle(request)
            except Problem as refused:
                answer = _nothing(request, refused.status, refusal(refused.code))
                answer.headers.update(dict(refused.headers))
                return answer
            except Altered:
                return _nothing(request, 404, refusal("link-altered"))
            except Expired:
                return _nothing(request, 410, refusal("link-expired"))
            except RequestValidationError:
                return _nothing(request, 404, refusal("not-found"))

        return shown


def _nothing(request: Request, status: int, said: Refusal) -> Response:
    return page("nothing", carried_of(request), None, status=status, said=said)
