"""Quotes as files: what `Accept` asks for, by a name that a browser knows.

They are left out of the reference: the JSON resource there says how to ask for them.
"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from services.quote.handlers.printing import HTML, PDF, File, printed
from services.quote.routes.answers import QuoteId
from shared.auth import AnyCaller
from shared.database import Database


def build(database: Database) -> APIRouter:
    """Make the routes over a database."""
    router = APIRouter(prefix="/v1/quotes", include_in_schema=False)

    @router.get("/{quote_id}.pdf")
    async def quote_pdf(quote_id: QuoteId, caller: AnyCaller) -> Response:
        return saved(await printed(database, caller, quote_id, PDF))

    @router.get("/{quote_id}.html")
    async def quote_page(quote_id: QuoteId, caller: AnyCaller) -> Response:
        return saved(await printed(database, caller, quote_id, HTML))

    return router


def saved(file: File) -> Response:
    """Answer with a file; what is in it is for whoever may read the quote alone."""
    headers = {
        "Content-Disposition": f'inline; filename="{file.name}"',
        "Cache-Control": "private, no-store",
        "Vary": "Accept",
        **file.headers,
    }
    return Response(file.content, media_type=file.media_type, headers=headers)
