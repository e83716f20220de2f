"""Reading and setting what services cost."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from services.quote.handlers import rates as handlers
from services.quote.schemas import rates as schemas
from shared.auth import AnyCaller, OperatorCaller
from shared.database import Database

Service = Annotated[schemas.ServiceCode, Path(examples=["detailing"])]


def build(database: Database) -> APIRouter:
    """Make the routes over a database."""
    router = APIRouter(prefix="/v1/rate-cards", tags=["rate cards"])

    @router.get("")
    async def read_rate_cards(caller: AnyCaller) -> schemas.RateCardOut:
        """Read what every service costs."""
        card = await handlers.read(database, None)
        return schemas.RateCardOut(data=[schemas.RateOut.of(rate) for rate in card])

    @router.get("/{service}")
    async def read_rate_card(service: Service, caller: AnyCaller) -> schemas.RateCardOut:
        """Read what a service costs, by class of vehicle."""
        card = await handlers.read(database, service)
        return schemas.RateCardOut(data=[schemas.RateOut.of(rate) for rate in card])

    @router.put("/{service}")
    async def put_rate_card(
        service: Service, body: schemas.RateCardInput, caller: OperatorCaller
    ) -> schemas.RateCardOut:
        """Set what a service costs, for quotes made from now on."""
        card = await handlers.put(database, service, body.card(service))
        return schemas.RateCardOut(data=[schemas.RateOut.of(rate) for rate in card])

    return router
