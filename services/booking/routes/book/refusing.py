"""What can't be shown, as a page too."""

from __future__ import annotations

from dataclasses import replace

from fastapi import FastAPI, Request
from fastapi.responses import Response

from services.booking.pages.rendering import page
from services.booking.pages.said import refusal
from services.booking.routes.book.desk import carried_of
from services.booking.sealing import Altered, Expired
from shared.browsers import is_at, status_of
from shared.problems import Problem, answer


def shown(request: Request, problem: Problem) -> Response | None:
    """Show a refusal on the booking page; None where no person asked."""
    if not is_at(request, "/book"):
        return None
    status = status_of(problem)
    # Of what no route took, or not yet, only the path says whose page it is.
    place = request.scope["path"].split("/")[2:3]
    carried = replace(carried_of(request), workshop_id="".join(place))
    return page("nothing", carried, None, status=status, said=refusal(problem.code, status))


def install(app: FastAPI) -> None:
    """Answer links and keys that don't open."""
    app.add_exception_handler(Altered, _altered)
    app.add_exception_handler(Expired, _expired)


async def _altered(request: Request, _: Exception) -> Response:
    return answer(request, Problem(404, "link-altered", "No key of ours opens this link."))


async def _expired(request: Request, _: Exception) -> Response:
    return answer(request, Problem(410, "link-expired", "This link was good for a time."))
