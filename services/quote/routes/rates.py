"""Reading and setting what services cost."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from services.quote.handlers import rates as handlers
from services.quote.schemas.cards import RateCardOut, RateOut, RatesOut
from services.quote.schemas.rates import RateCardInput
from services.quote.schemas.values import ServiceCode, VersionCursor
from shared.auth import AnyCaller, WorkshopCaller
from shared.database import Database
from shared.ids import Id
from shared.inputs import UtcMoment
from shared.pages import DEFAULT_LIMIT, MAX_LIMIT, Page, next_cursor
from shared.prefer import WaitSeconds

Service = Annotated[ServiceCode, Path(examples=["detailing"])]
Workshop = Annotated[Id | None, Query(description="Whose own rates; without it, the general ones.")]
At = Annotated[UtcMoment | None, Query(description="In force at this moment; now without it.")]


def build(database: Database) -> APIRouter:
    """Make the routes over a database."""
    router = APIRouter(prefix="/v1/rate-cards", tags=["rate cards"])

    @router.get("")
    async def read_rates(
        caller: AnyCaller, workshop_id: Workshop = None, at: At = None
    ) -> RatesOut:
        """Read what every service costs; at a workshop, its own rates before the general ones."""
        rates = await handlers.in_force(database, caller, workshop_id, at)
        return RatesOut(data=[RateOut.of(rate) for rate in rates])

    @router.get("/{service}")
    async def read_rate_card(
        service: Service, caller: AnyCaller, workshop_id: Workshop = None
    ) -> RateCardOut:
        """Read a service's rate card as it stands, with all periods."""
        return RateCardOut.of(await handlers.read(database, caller, service, workshop_id))

    @router.get("/{service}/history")
    async def read_history(
        service: Service,
        caller: AnyCaller,
        workshop_id: Workshop = None,
        cursor: Annotated[VersionCursor | None, Query(max_length=200)] = None,
        limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
    ) -> Page[RateCardOut]:
        """Read each version of a rate card, newest first, with who recorded it and when."""
        found = await handlers.history(
            database,
            caller,
            service,
            workshop_id,
            before=int(cursor) if cursor else None,
            limit=limit + 1,
        )
        versions = [str(card.version) for card in found]
        return Page(
            data=[RateCardOut.of(card) for card in found[:limit]],
            next_cursor=next_cursor(versions, limit),
        )

    @router.put("/{service}")
    async def put_rate_card(
        service: Service,
        body: RateCardInput,
        caller: WorkshopCaller,
        wait: WaitSeconds,
        workshop_id: Workshop = None,
    ) -> RateCardOut:
        """Set what a service costs, for quotes made from now on.

        A workshop's account sets its workshops' own rates, an operator the general ones, too.
        """
        new = body.card(service, workshop_id)
        card = await handlers.put(database, caller, service, workshop_id, new, wait=wait)
        return RateCardOut.of(card)

    return router
