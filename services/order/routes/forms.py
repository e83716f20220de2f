"""The forms of our pages: what they send, and what becomes of it."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form
from fastapi.responses import Response

from services.order.pages.rendering import page
from shared.problems import Problem

Attempt = Annotated[str, Form(pattern=r"^att_[0-9a-z]{1,60}$")]
Card = Annotated[str, Form(min_length=1, max_length=200)]


@dataclass(frozen=True, slots=True)
class Refused:
    """What was refused of a form, in words for whoever sent it."""

    status: int
    said: str


async def unpaid(paying: Awaitable[None]) -> Refused | None:
    """Pay, and tell what has to be said on the spot; of all else the page itself tells."""
    try:
        await paying
    except Problem as refused:
        if refused.status in {422, 503}:
            said = refused.errors[0].message if refused.errors else refused.detail
            return Refused(refused.status, said)
    return None


def nothing(refused: Problem, what: str) -> Response:
    """Render what isn't there; raises any other Problem."""
    if refused.status == 404:
        title, detail = "Nothing here", f"There is no such {what}, or it was only just made."
        return page("nothing.html", status=404, title=title, detail=detail)
    raise refused
