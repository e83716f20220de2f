"""What is refused on a page, told as a page."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response

from services.order.pages.reader import reader_of
from services.order.pages.rendering import notice
from services.order.pages.said import refusal
from shared.browsers import is_at, status_of
from shared.context import correlation_id
from shared.problems import Problem


def shown(request: Request, problem: Problem) -> Response | None:
    """Tell a payer what was refused; None where no person asked."""
    if not is_at(request, "/checkout"):
        return None
    status = status_of(problem)
    return notice(
        refusal(status),
        reader_of(request),
        quote(request.scope["path"]),
        status=status,
        reference=correlation_id() if status == 500 else None,
    )
