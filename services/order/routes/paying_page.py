"""A page with a form that pays, whatever it is that is paid."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form
from fastapi.responses import RedirectResponse, Response

from services.order.domain.standing import Stage
from services.order.handlers import by_page
from services.order.handlers.by_page import Shown
from services.order.handlers.settling import Till
from services.order.pages.reader import Reader
from services.order.pages.rendering import page
from services.order.pages.said import of_form
from shared.ids import new_id
from shared.problems import Problem

Attempt = Annotated[str, Form(pattern=r"^att_[0-9a-z]{1,60}$")]
Card = Annotated[str, Form(min_length=1, max_length=200)]


@dataclass(frozen=True, slots=True)
class PayingPage:
    """What is shown to whom at an address, by which template, under a title for each stage."""

    till: Till
    template: str
    titles: Mapping[Stage, str]
    address: str
    found: Shown
    reader: Reader

    def shown(self, refused: str | None = None, status: int = 200) -> Response:
        """Render it, with why its form was refused if it was."""
        return page(
            self.template,
            self.reader,
            self.address,
            status=status,
            found=self.found,
            title=self.titles[self.found.standing.stage],
            ways=self.till.provider.ways,
            attempt=new_id("att"),
            refused=refused,
        )

    async def paid(self, pay: Callable[[], Awaitable[None]]) -> Response:
        """Pay, and say what has to be said on the spot; of all else the page itself tells."""
        try:
            await by_page.in_turn(pay)
        except Problem as refused:
            if refused.status in {422, 503}:
                return self.shown(of_form(refused), refused.status)
        return RedirectResponse(self.reader.url(self.address), 303)
