"""Giving money back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from services.order.handlers import refunding
from services.order.schemas import refunds as schemas
from services.order.schemas.orders import OrderOut
from shared.auth import WorkshopCaller
from shared.database import Database
from shared.idempotency import Idempotency

OrderId = Annotated[str, Path(max_length=64)]


def build(database: Database) -> APIRouter:
    """Make the route over a database."""
    router = APIRouter(prefix="/v1/orders", tags=["orders"])

    @router.post("/{order_id}/refunds", status_code=201, response_model=OrderOut)
    async def create_refund(
        order_id: OrderId, body: schemas.NewRefund, caller: WorkshopCaller, key: Idempotency
    ) -> Response:
        """Give back some or all of what was paid; its payments show what is due and what went."""
        once = key.once(caller, schemas.owed)
        answer = await refunding.refund(database, caller, order_id, body.giving(), once)
        return answer.response()

    return router
