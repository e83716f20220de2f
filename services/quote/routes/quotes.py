"""Asking for quotes, and deciding on them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from services.quote.domain.quote import Terms
from services.quote.handlers import asking, deciding, pricing, printing, reading
from services.quote.routes.answers import QuoteId, created, shown
from services.quote.routes.documents import saved
from services.quote.schemas import offers
from services.quote.schemas import quotes as schemas
from services.quote.schemas.authorization import LineDecision
from services.quote.tables.quotes import quotes
from shared.auth import AnyCaller, PartnerCaller, WorkshopCaller
from shared.contracts import QuoteV1
from shared.database import Database
from shared.idempotency import Answer, Idempotency
from shared.negotiation import Accepted, preferred
from shared.pages import Page, PageQuery, next_cursor
from shared.prefer import WaitSeconds


class QuoteList(PageQuery, schemas.QuoteQuery):
    """Which page of which quotes is asked for."""


def build(database: Database, terms: Terms) -> APIRouter:
    """Make the routes over a database."""
    router = APIRouter(prefix="/v1/quotes", tags=["quotes"])

    @router.post("", status_code=201, response_model=QuoteV1)
    async def create_quote(
        body: schemas.NewQuote, caller: PartnerCaller, key: Idempotency, wait: WaitSeconds
    ) -> Response:
        """Price a reconditioning: every line, tax, total, and when it would be done.

        A fault, and a service without a rate that fits, wait for a person's price: the quote is
        `pending` until then, without a total.
        """
        once = key.once(caller, created)
        answer = await asking.create(database, caller, body.request(), terms, once, wait=wait)
        return answer.response()

    @router.get(
        "/{quote_id}",
        response_model=QuoteV1,
        responses={200: {"content": {printing.PDF: {}, printing.HTML: {}}}},
    )
    async def read_quote(quote_id: QuoteId, caller: AnyCaller, accepted: Accepted) -> Response:
        """Read a quote.

        `Accept: application/pdf` asks for it on paper, `text/html` for a page that prints; so do
        `.pdf` and `.html` after the id.
        """
        wanted = preferred(accepted, ("application/json", printing.PDF, printing.HTML))
        if wanted != "application/json":
            return saved(await printing.printed(database, caller, quote_id, wanted))
        return shown(await reading.read(database, caller, quote_id)).response()

    @router.get("", response_model=Page[QuoteV1])
    async def list_quotes(caller: AnyCaller, asked: Annotated[QuoteList, Query()]) -> Response:
        """List quotes, newest first."""
        conditions = [
            column == value
            for column, value in (
                (quotes.c.status, asked.status),
                (quotes.c.external_reference, asked.external_reference),
            )
            if value is not None
        ]
        found = await reading.page(
            database, caller, conditions, before=asked.cursor, limit=asked.limit + 1
        )
        page = Page[QuoteV1](
            data=found[: asked.limit],
            next_cursor=next_cursor([quote.id for quote in found], asked.limit),
        )
        return Answer(200, page.model_dump_json().encode()).response()

    @router.post("/{quote_id}/price", response_model=QuoteV1)
    async def price_quote(
        quote_id: QuoteId, body: offers.Prices, caller: WorkshopCaller, key: Idempotency
    ) -> Response:
        """Price every open line of a pending quote, so that it can be paid."""
        once = key.once(caller, shown)
        answer = await pricing.price(database, caller, quote_id, body.offers(), terms, once)
        return answer.response()

    @router.patch("/{quote_id}/items/{item_id}", response_model=QuoteV1)
    async def decide_line(
        quote_id: QuoteId, item_id: QuoteId, body: LineDecision, caller: AnyCaller
    ) -> Response:
        """Authorise a line, or decline it: what is declined isn't to be paid.

        When no line is left, the quote is declined.
        """
        wanted, said = body.authorization, body.said()
        decided = await deciding.decide_line(database, caller, quote_id, item_id, wanted, said)
        return shown(decided).response()

    @router.post("/{quote_id}/decline", response_model=QuoteV1)
    async def decline_quote(
        quote_id: QuoteId, body: schemas.Decline, caller: AnyCaller, key: Idempotency
    ) -> Response:
        """Decline a quote, so that it can't be bought any more."""
        once = key.once(caller, shown)
        answer = await deciding.decline(database, caller, quote_id, body.reason, once)
        return answer.response()

    return router
