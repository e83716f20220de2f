"""What the launcher itself serves beside the services: health, the console page, the mails."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Protocol

from fastapi import FastAPI, Query
from fastapi.responses import HTMLResponse, JSONResponse, Response
from jinja2 import Environment, FileSystemLoader
from starlette.middleware.trustedhost import TrustedHostMiddleware

from roadworthy.embedded.inbox import Mail
from shared import problems
from shared.edge import Edge
from shared.problems import not_found

NEWEST_MAILS = 50
ABOUT = {
    "partner": "Accounts, their clients, and the tokens that let them in",
    "quote": "Rate cards, taxes, and what work on a vehicle would cost",
    "order": "Orders, payments, deals, invoices, and where the time went",
    "booking": "Workshops, their calendars, bookings and reminders",
    "notifier": "Webhooks and mails, and what became of each",
}
LOCAL_NAMES = ("127.0.0.1", "localhost")
# Mails come from anywhere: nothing in them may run, or tell anybody that they were read.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"


@dataclass(frozen=True)
class Health:
    """Which part of what does its work; ready when all of them do, and the start is through."""

    started: bool
    parts: Mapping[str, bool]
    services: Mapping[str, Mapping[str, bool]]

    @property
    def ready(self) -> bool:
        """Tell whether everything is there and works."""
        everything = [self.parts, *self.services.values()]
        return self.started and all(all(of.values()) for of in everything)


class Mails(Protocol):
    """Where the mails are."""

    def mails(self, limit: int) -> Sequence[Mail]:
        """Return the newest, newest first."""
        ...

    def mail(self, mail_id: str) -> Mail | None:
        """Return one, or None."""
        ...


def console(
    health: Callable[[], Awaitable[Health]],
    addresses: Callable[[], Mapping[str, str]],
    inbox: Mails,
) -> FastAPI:
    """Make the app; only under this machine's names, lest another site's page read the mails."""
    pages = Environment(loader=FileSystemLoader(Path(__file__).parent / "pages"), autoescape=True)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    problems.install(app)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=LOCAL_NAMES, www_redirect=False)
    app.add_middleware(Edge, service="launcher")

    async def page(name: str, **values: object) -> Response:
        html = pages.get_template(name).render(services=ABOUT, **values)
        return HTMLResponse(html, headers={"Content-Security-Policy": POLICY})

    @app.get("/healthz")
    async def alive() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz")
    async def ready() -> Response:
        now = await health()
        body = {"ready": now.ready, "parts": now.parts, "services": now.services}
        return JSONResponse(body, 200 if now.ready else 503)

    @app.get("/")
    async def overview(every: Annotated[int | None, Query(ge=1, le=60)] = None) -> Response:
        return await page(
            "console.html",
            every=every,
            health=await health(),
            addresses=addresses(),
            mails=inbox.mails(NEWEST_MAILS),
        )

    @app.get("/mail/{mail_id}")
    async def mail(mail_id: str) -> Response:
        found = inbox.mail(mail_id)
        if found is None:
            raise not_found("mail")
        return await page("mail.html", mail=found)

    @app.get("/docs")
    async def docs() -> Response:
        return await page("docs.html")

    return app
