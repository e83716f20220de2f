"""Reading and setting what services cost."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from services.quote.handlers import rates as handlers
from services.quote.schemas.cards import RateCardOut, RateOut, RatesOut
from services.quote.schemas.queries import HistoryQuery, RateCardQuery, RatesQuery
from services.quote.schemas.rates import RateCardInput
from services.quote.schemas.values import ServiceCode
from shared.auth import AnyCaller, WorkshopCaller
from shared.database import Database
from shared.pages import Page, next_cursor
from shared.prefer import WaitSeconds

Service = Annotated[ServiceCode, Path(examples=["detailing"])]
Whose = Annotated[RateCardQuery, Query()]


def build(database: Database) -> APIRouter:
    """Make the routes over a database."""
    router = APIRouter(prefix="/v1/rate-cards", tags=["rate cards"])

    @router.get("")
    async def read_rates(caller: AnyCaller, asked: Annotated[RatesQuery, Query()]) -> RatesOut:
        """Read what every service costs; at a workshop, its own rates before the general ones."""
        rates = await handlers.in_force(database, caller, asked.workshop_id, asked.at)
        return RatesOut(data=[RateOut.of(rate) for rate in rates])

    @router.get("/{service}")
    async def read_rate_card(service: Service, caller: AnyCaller, asked: Whose) -> RateCardOut:
        """Read a service's rate card as it stands, with all periods."""
        return RateCardOut.of(await handlers.read(database, caller, service, asked.workshop_id))

    @router.get("/{service}/history")
    async def read_history(
        service: Service, caller: AnyCaller, asked: Annotated[HistoryQuery, Query()]
    ) -> Page[RateCardOut]:
        """Read each version of a rate card, newest first, with who recorded it and when."""
        found = await handlers.history(
            database,
            caller,
            service,
            asked.workshop_id,
            before=int(asked.cursor) if asked.cursor else None,
            limit=asked.limit + 1,
        )
        versions = [str(card.version) for card in found]
        return Page(
            data=[RateCardOut.of(card) for card in found[: asked.limit]],
            next_cursor=next_cursor(versions, asked.limit),
        )

    @router.put("/{service}")
    async def put_rate_card(
        service: Service,
        body: RateCardInput,
        caller: WorkshopCaller,
        wait: WaitSeconds,
        asked: Whose,
    ) -> RateCardOut:
        """Set what a service costs, for quotes made from now on.

        A workshop's account sets its workshops' own rates, an operator the general ones, too.
        """
        new = body.card(service, asked.workshop_id)
        card = await handlers.put(database, caller, service, asked.workshop_id, new, wait=wait)
        return RateCardOut.of(card)

    return router
