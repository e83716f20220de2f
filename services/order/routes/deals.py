"""Deals: what gathers orders until one invoice is made of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from services.order.handlers import closing
from services.order.handlers import deals as handlers
from services.order.outgoing.deals import snapshot
from services.order.schemas import deals as schemas
from services.order.tables.deals import deals
from shared.auth import PartnerCaller
from shared.contracts import DealV1
from shared.database import Database
from shared.idempotency import Answer, Idempotency
from shared.pages import Page, PageQuery, next_cursor

DealId = Annotated[str, Path(max_length=64)]


class DealList(PageQuery, schemas.DealQuery):
    """Which page of which deals is asked for."""


def build(database: Database, *, currency: str) -> APIRouter:
    """Make the routes over a database; the currency is that of deals that name none."""
    router = APIRouter(prefix="/v1/deals", tags=["deals"])

    @router.post("", status_code=201, response_model=DealV1)
    async def create_deal(
        body: schemas.DealInput, caller: PartnerCaller, key: Idempotency
    ) -> Response:
        """Open a deal, to attach quotes and orders to."""
        once = key.once(caller, schemas.created)
        return (await handlers.create(database, caller, body.asked(currency), once)).response()

    @router.get("/{deal_id}", response_model=schemas.DealOut)
    async def read_deal(deal_id: DealId, caller: PartnerCaller) -> Response:
        """Read a deal with its orders, quotes and invoices, and what it comes to so far."""
        return schemas.shown(await closing.read(database, caller, deal_id)).response()

    @router.post("/{deal_id}/close", response_model=schemas.DealOut)
    async def close_deal(
        deal_id: DealId, body: schemas.ClosingInput, caller: PartnerCaller, key: Idempotency
    ) -> Response:
        """Make the deal's one invoice of all that its orders charge; it takes nothing more."""
        unfinished, once = body.include_unfinished, key.once(caller, schemas.shown)
        answer = await closing.close_deal(
            database, caller, deal_id, unfinished=unfinished, once=once
        )
        return answer.response()

    @router.get("", response_model=Page[DealV1])
    async def list_deals(caller: PartnerCaller, asked: Annotated[DealList, Query()]) -> Response:
        """List deals, newest first."""
        filters = asked.model_dump(include=set(schemas.DealQuery.model_fields), exclude_none=True)
        conditions = [deals.c[name] == value for name, value in filters.items()]
        found = await handlers.page(
            database, caller, conditions, before=asked.cursor, limit=asked.limit + 1
        )
        page = Page[DealV1](
            data=[snapshot(deal) for deal in found[: asked.limit]],
            next_cursor=next_cursor([deal.id for deal in found], asked.limit),
        )
        return Answer(200, page.model_dump_json().encode()).response()

    return router
