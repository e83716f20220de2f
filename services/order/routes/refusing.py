"""What is refused on a page, told as a page."""

from __future__ import annotations

from typing import NamedTuple

from fastapi import Request
from fastapi.responses import Response

from services.order.pages.rendering import notice
from shared.browsers import is_at, status_of
from shared.context import correlation_id
from shared.problems import Problem


class Said(NamedTuple):
    """What a payer is told; `again` offers the page as it stands."""

    title: str
    detail: str
    again: bool = True


_UNREADABLE = Said("That can't be read", "Nothing was charged. Load the page, and use its form.")
_SAID = {
    403: Said(
        "That didn't come from this page",
        "A form of another site was sent here. Nothing was charged.",
    ),
    404: Said(
        "Nothing here",
        "There is no such page, or what it is about was only just made. Check the address.",
        again=False,
    ),
    405: Said("That can't be done here", "Nothing was charged. Open the page in a browser."),
    500: Said(
        "Something went wrong",
        "This is a fault of ours, and it was recorded. Load the page: it shows what was paid.",
    ),
    503: Said("One moment", "This takes longer than it should. Nothing is lost; try again."),
}


def shown(request: Request, problem: Problem) -> Response | None:
    """Tell a payer what was refused; None where no person asked."""
    if not is_at(request, "/checkout"):
        return None
    status = status_of(problem)
    said = _SAID.get(status, _UNREADABLE)
    return notice(
        said.title,
        said.detail,
        status=status,
        again=request.scope["path"] if said.again else None,
        reference=correlation_id() if status == 500 else None,
    )
