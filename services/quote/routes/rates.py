"""Reading and setting what services cost."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from services.quote.handlers import rates as handlers
from services.quote.schemas.cards import RateCardOut, RateOut, RatesOut
from services.quote.schemas.rates import RateCardInput, ServiceCode
from shared.auth import AnyCaller, OperatorCaller
from shared.database import Database

Service = Annotated[ServiceCode, Path(examples=["detailing"])]


def build(database: Database) -> APIRouter:
    """Make the routes over a database."""
    router = APIRouter(prefix="/v1/rate-cards", tags=["rate cards"])

    @router.get("")
    async def read_rates(caller: AnyCaller) -> RatesOut:
        """Read what every service costs now."""
        rates = await handlers.in_force(database, None, None)
        return RatesOut(data=[RateOut.of(rate) for rate in rates])

    @router.get("/{service}")
    async def read_rate_card(service: Service, caller: AnyCaller) -> RateCardOut:
        """Read a service's rate card as it stands, with all periods."""
        return RateCardOut.of(await handlers.read(database, service, None))

    @router.put("/{service}")
    async def put_rate_card(
        service: Service, body: RateCardInput, caller: OperatorCaller
    ) -> RateCardOut:
        """Set what a service costs, for quotes made from now on."""
        card = await handlers.put(database, caller, service, None, body.card(service, None))
        return RateCardOut.of(card)

    return router
