"""`/unsubscribe/…`: the link in reminders, for a person's click and a mail program's (RFC 8058)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, Response

from services.notifier.handlers import mails, suppressions
from services.notifier.mail.rendering import Renderer
from services.notifier.mail.unsubscribing import Unsubscriber, Unsubscribing
from shared.browsers import answer_head, is_at, status_of
from shared.database import Database
from shared.languages import chosen
from shared.problems import Problem, Show, not_found

HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    # In nobody's frame: one click there would be a click here.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Frame-Options": "DENY",
}

Token = Annotated[str, Path(max_length=1000)]


def build(database: Database, renderer: Renderer, unsubscribing: Unsubscribing) -> APIRouter:
    """Make the routes over a database."""
    router = APIRouter(prefix="/unsubscribe", include_in_schema=False)

    @router.get("/{token}")
    async def ask(token: Token) -> HTMLResponse:
        """Ask first: mail scanners follow links, and nobody clicked then."""
        return await _page(_read(token), done=False)

    @router.post("/{token}")
    async def unsubscribe(token: Token) -> HTMLResponse:
        """Send no more; a second click changes nothing."""
        whom = _read(token)
        await suppressions.opt_out(database, whom)
        return await _page(whom, done=True)

    def _read(token: str) -> Unsubscriber:
        whom = unsubscribing.read(token)
        if whom is None:
            raise not_found("link")
        return whom

    async def _page(whom: Unsubscriber, *, done: bool) -> HTMLResponse:
        brand = await mails.brand_of(database, whom.partner_id)
        return HTMLResponse(renderer.unsubscribe_page(brand, done=done), headers=HEADERS)

    answer_head(router)
    return router


def refusing(renderer: Renderer) -> Show:
    """Show people what is refused of their link, in the language that they read."""

    def shown(request: Request, problem: Problem) -> Response | None:
        if not is_at(request, "/unsubscribe"):
            return None
        status = status_of(problem)
        language = chosen(None, request.headers.get("accept-language"))
        page = renderer.refused_page(language, status)
        return HTMLResponse(page, status, HEADERS | {"Vary": "Accept-Language"})

    return shown
