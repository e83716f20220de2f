"""`/v1/workshops`, with their hours and availability."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from services.booking.domain.workshop import Workshop
from services.booking.handlers import availability, workshops
from services.booking.routes import pages
from services.booking.schemas.availability import AvailabilityOut, AvailabilityQuery
from services.booking.schemas.hours import WeekInput, WeekOut
from services.booking.schemas.workshops import NewWorkshop, WorkshopChange, WorkshopOut
from shared.auth import AnyCaller, WorkshopCaller
from shared.database import Database
from shared.idempotency import Answer, Idempotency
from shared.pages import Page, PageQuery

WorkshopId = Annotated[str, Path(max_length=64)]


def build(database: Database, public_url: str) -> APIRouter:
    """Make the routes over a database; `public_url` is the origin of booking pages."""
    router = APIRouter(prefix="/v1/workshops", tags=["workshops"])

    def shown(workshop: Workshop) -> WorkshopOut:
        return WorkshopOut.of(workshop, public_url)

    def created(workshop: Workshop) -> Answer:
        body = shown(workshop).model_dump_json().encode()
        return Answer(201, body, {"Location": f"/v1/workshops/{workshop.id}"})

    @router.post("", status_code=201, response_model=WorkshopOut)
    async def create_workshop(
        body: NewWorkshop, caller: WorkshopCaller, key: Idempotency
    ) -> Response:
        """Open a workshop."""
        once = key.once(caller, created)
        return (await workshops.create(database, caller, body.profile(), once)).response()

    @router.get("")
    async def list_workshops(
        caller: AnyCaller, asked: Annotated[PageQuery, Query()]
    ) -> Page[WorkshopOut]:
        """List workshops, newest first: to a partner all, to a workshop its own."""
        found = await workshops.page(database, caller, before=asked.cursor, limit=asked.limit + 1)
        return pages.shown(found, shown, asked.limit)

    @router.get("/{workshop_id}")
    async def read_workshop(workshop_id: WorkshopId, caller: AnyCaller) -> WorkshopOut:
        """Read a workshop."""
        return shown(await workshops.read(database, caller, workshop_id))

    @router.patch("/{workshop_id}")
    async def change_workshop(
        workshop_id: WorkshopId, body: WorkshopChange, caller: WorkshopCaller
    ) -> WorkshopOut:
        """Change what is said of a workshop; what is left out stays."""
        return shown(await workshops.amend(database, caller, workshop_id, body.applied_to))

    @router.get("/{workshop_id}/hours")
    async def read_hours(workshop_id: WorkshopId, caller: AnyCaller) -> WeekOut:
        """Read when a workshop is open, by the clock on its wall."""
        workshop = await workshops.read(database, caller, workshop_id)
        return WeekOut.of(workshop.profile.hours)

    @router.put("/{workshop_id}/hours")
    async def put_hours(
        workshop_id: WorkshopId, body: WeekInput, caller: WorkshopCaller
    ) -> WeekOut:
        """Set when a workshop is open; bookings that stand keep standing."""
        edit = WorkshopChange(hours=body).applied_to
        workshop = await workshops.amend(database, caller, workshop_id, edit)
        return WeekOut.of(workshop.profile.hours)

    @router.get("/{workshop_id}/availabilities", response_model_exclude_unset=True)
    async def read_availabilities(
        workshop_id: WorkshopId,
        caller: AnyCaller,
        asked: Annotated[AvailabilityQuery, Query()],
    ) -> AvailabilityOut:
        """Offer the slots that can be booked for all the services together: an hour without any.

        With `explain=true`, each slot that can't be had says what stands in its way.
        """
        days = await availability.days(
            database,
            caller,
            workshop_id,
            asked.first,
            asked.last,
            asked.basket(),
            explained=asked.explain,
        )
        return AvailabilityOut.of(days, explained=asked.explain)

    return router
