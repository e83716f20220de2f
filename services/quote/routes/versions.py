"""Revising quotes, and looking back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from services.quote.domain.quote import Terms
from services.quote.domain.revision import MAX_VERSIONS
from services.quote.handlers import reading, revising
from services.quote.routes.answers import QuoteId, shown
from services.quote.schemas.versions import NewVersion, VersionList, VersionOut, VersionSummary
from shared.auth import AnyCaller
from shared.contracts import QuoteV1
from shared.database import Database
from shared.idempotency import Idempotency

Version = Annotated[int, Path(ge=1, le=MAX_VERSIONS, examples=[1])]


def build(database: Database, terms: Terms) -> APIRouter:
    """Make the routes over a database."""
    router = APIRouter(prefix="/v1/quotes/{quote_id}", tags=["quotes"])

    @router.post("/revise", response_model=QuoteV1)
    async def revise_quote(
        quote_id: QuoteId, body: NewVersion, caller: AnyCaller, key: Idempotency
    ) -> Response:
        """Make the next version of a quote, at today's rates; this one is kept as it was.

        It holds from now on. Only what a workshop offered by hand holds no longer than before,
        when it is the partner that revises.
        """
        once = key.once(caller, shown)
        revision = body.revision()
        answer = await revising.make_version(database, caller, quote_id, revision, terms, once)
        return answer.response()

    @router.get("/versions")
    async def list_versions(quote_id: QuoteId, caller: AnyCaller) -> VersionList:
        """List a quote's versions, newest first."""
        quote = await reading.read(database, caller, quote_id)
        past = await reading.past_versions(database, quote.id)
        standing = VersionSummary.standing(quote)
        return VersionList(data=[standing, *map(VersionSummary.past, past)])

    @router.get("/versions/{version}")
    async def read_version(quote_id: QuoteId, version: Version, caller: AnyCaller) -> VersionOut:
        """Read a version as it was shown."""
        superseded_at, quote = await reading.version(database, caller, quote_id, version)
        return VersionOut(version=version, superseded_at=superseded_at, quote=quote)

    return router
