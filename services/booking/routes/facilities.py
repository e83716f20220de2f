"""What belongs to a workshop: resources, catalog, closures."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from services.booking.domain.schedule import Closure
from services.booking.domain.workshop import CatalogService, Resource
from services.booking.handlers import facilities
from services.booking.routes import pages
from services.booking.routes.workshops import WorkshopId
from services.booking.schemas.catalog import ServiceChange, ServiceInput, ServiceOut
from services.booking.schemas.closings import ClosureChange, ClosureInput, ClosureOut
from services.booking.schemas.facilities import ResourceChange, ResourceInput, ResourceOut
from shared.auth import AnyCaller, WorkshopCaller
from shared.database import Database
from shared.idempotency import Answer, Idempotency
from shared.pages import Page, PageQuery

Asked = Annotated[PageQuery, Query()]
ClosureId = Annotated[str, Path(max_length=64)]
ResourceId = Annotated[str, Path(max_length=64)]
ServiceId = Annotated[str, Path(max_length=64)]


def build(database: Database) -> APIRouter:
    """Make the routes over a database."""
    router = APIRouter(prefix="/v1/workshops/{workshop_id}", tags=["workshops"])

    @router.post("/resources", status_code=201, response_model=ResourceOut)
    async def add_resource(
        workshop_id: WorkshopId, body: ResourceInput, caller: WorkshopCaller, key: Idempotency
    ) -> Response:
        """Give a workshop a bay, a technician or a loan car more."""
        answer = await facilities.add_resource(
            database, caller, workshop_id, body.facility(), key.once(caller, _resource)
        )
        return answer.response()

    @router.patch("/resources/{resource_id}")
    async def change_resource(
        workshop_id: WorkshopId,
        resource_id: ResourceId,
        body: ResourceChange,
        caller: WorkshopCaller,
    ) -> ResourceOut:
        """Change what is said of a resource, or take it out of service; bookings keep it."""
        return ResourceOut.of(
            await facilities.amend_resource(
                database, caller, workshop_id, resource_id, body.applied_to
            )
        )

    @router.get("/resources")
    async def list_resources(
        workshop_id: WorkshopId, caller: WorkshopCaller, asked: Asked
    ) -> Page[ResourceOut]:
        """List what a workshop has, newest first."""
        found = await facilities.list_resources(
            database, caller, workshop_id, before=asked.cursor, limit=asked.limit + 1
        )
        return pages.shown(found, ResourceOut.of, asked.limit)

    @router.post("/services", status_code=201, response_model=ServiceOut)
    async def add_service(
        workshop_id: WorkshopId, body: ServiceInput, caller: WorkshopCaller, key: Idempotency
    ) -> Response:
        """Offer one service more."""
        answer = await facilities.add_service(
            database, caller, workshop_id, body.offer(), key.once(caller, _service)
        )
        return answer.response()

    @router.patch("/services/{service_id}")
    async def change_service(
        workshop_id: WorkshopId, service_id: ServiceId, body: ServiceChange, caller: WorkshopCaller
    ) -> ServiceOut:
        """Change what is said of a service; bookings of it stay as they were made."""
        return ServiceOut.of(
            await facilities.amend_service(
                database, caller, workshop_id, service_id, body.applied_to
            )
        )

    @router.get("/services")
    async def list_services(
        workshop_id: WorkshopId, caller: AnyCaller, asked: Asked
    ) -> Page[ServiceOut]:
        """List a workshop's catalog, newest first."""
        found = await facilities.list_services(
            database, caller, workshop_id, before=asked.cursor, limit=asked.limit + 1
        )
        return pages.shown(found, ServiceOut.of, asked.limit)

    @router.post("/closures", status_code=201, response_model=ClosureOut)
    async def close(
        workshop_id: WorkshopId, body: ClosureInput, caller: WorkshopCaller, key: Idempotency
    ) -> Response:
        """Close a workshop for some days; bookings that stand there keep standing."""
        days = body.first_day, body.last_day
        answer = await facilities.close(
            database, caller, workshop_id, days, body.reason, key.once(caller, _closure)
        )
        return answer.response()

    @router.patch("/closures/{closure_id}")
    async def change_closure(
        workshop_id: WorkshopId, closure_id: ClosureId, body: ClosureChange, caller: WorkshopCaller
    ) -> ClosureOut:
        """Change a closure's days or its reason."""
        return ClosureOut.of(
            await facilities.amend_closure(
                database, caller, workshop_id, closure_id, body.applied_to
            )
        )

    @router.get("/closures")
    async def list_closures(
        workshop_id: WorkshopId, caller: AnyCaller, asked: Asked
    ) -> Page[ClosureOut]:
        """List a workshop's closures, newest first."""
        found = await facilities.list_closures(
            database, caller, workshop_id, before=asked.cursor, limit=asked.limit + 1
        )
        return pages.shown(found, ClosureOut.of, asked.limit)

    @router.delete("/closures/{closure_id}", status_code=204)
    async def reopen(
        workshop_id: WorkshopId, closure_id: ClosureId, caller: WorkshopCaller
    ) -> None:
        """Take a closure back."""
        await facilities.reopen(database, caller, workshop_id, closure_id)

    return router


def _resource(resource: Resource) -> Answer:
    return Answer(201, ResourceOut.of(resource).model_dump_json().encode())


def _service(service: CatalogService) -> Answer:
    return Answer(201, ServiceOut.of(service).model_dump_json().encode())


def _closure(closure: Closure) -> Answer:
    return Answer(201, ClosureOut.of(closure).model_dump_json(by_alias=True).encode())
