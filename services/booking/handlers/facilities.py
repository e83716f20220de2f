"""What a workshop has and offers: resources, catalog, closures."""

from __future__ import annotations

from datetime import date

from services.booking.domain.schedule import Closure
from services.booking.domain.workshop import CatalogService, Kind, Offer, Resource
from services.booking.handlers.workshops import found
from services.booking.repository import facilities, workshops
from shared.auth import Caller
from shared.database import Database
from shared.idempotency import Answer, Once
from shared.ids import new_id
from shared.problems import FieldError, Problem, not_found


async def add_resource(
    database: Database,
    caller: Caller,
    workshop_id: str,
    kind: Kind,
    name: str,
    once: Once[Resource],
) -> Answer:
    """Give a workshop a bay, a technician or a loan car more."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        await found(work.connection, workshop_id, workshops.run_by(caller))
        resource = Resource(new_id("res"), workshop_id, kind, name, work.now)
        await facilities.add_resource(work.connection, resource)
        return await once.answer(work, resource)


async def list_resources(
    database: Database, caller: Caller, workshop_id: str, *, before: str | None, limit: int
) -> list[Resource]:
    """Read what a workshop has, for those who run it."""
    async with database.reading() as connection:
        await found(connection, workshop_id, workshops.run_by(caller))
        return await facilities.resources_of(connection, workshop_id, before=before, limit=limit)


async def add_service(
    database: Database,
    caller: Caller,
    workshop_id: str,
    offer: Offer,
    once: Once[CatalogService],
) -> Answer:
    """Offer one service more; raises a 409 Problem when its code is another's."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        await found(work.connection, workshop_id, workshops.run_by(caller))
        service = CatalogService(new_id("svc"), workshop_id, offer, work.now)
        if not await facilities.add_service(work.connection, service):
            message = "Another service of the catalog has this code."
            raise Problem(409, "code-taken", message, [FieldError("/code", "code-taken", message)])
        return await once.answer(work, service)


async def list_services(
    database: Database, caller: Caller, workshop_id: str, *, before: str | None, limit: int
) -> list[CatalogService]:
    """Read a workshop's catalog."""
    async with database.reading() as connection:
        await found(connection, workshop_id, workshops.visible_to(caller))
        return await facilities.services_of(connection, workshop_id, before=before, limit=limit)


async def close(
    database: Database,
    caller: Caller,
    workshop_id: str,
    days: tuple[date, date],
    reason: str | None,
    once: Once[Closure],
) -> Answer:
    """Close a workshop from one day to another; bookings that stand there keep standing."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        await found(work.connection, workshop_id, workshops.run_by(caller))
        closure = Closure(new_id("clo"), workshop_id, *days, reason)
        await facilities.add_closure(work.connection, closure)
        return await once.answer(work, closure)


async def list_closures(
    database: Database, caller: Caller, workshop_id: str, *, before: str | None, limit: int
) -> list[Closure]:
    """Read a workshop's closures."""
    async with database.reading() as connection:
        await found(connection, workshop_id, workshops.visible_to(caller))
        return await facilities.closures_of(connection, workshop_id, before=before, limit=limit)


async def reopen(database: Database, caller: Caller, workshop_id: str, closure_id: str) -> None:
    """Take a closure back."""
    async with database.transaction() as work:
        await found(work.connection, workshop_id, workshops.run_by(caller))
        if not await facilities.remove_closure(work.connection, workshop_id, closure_id):
            raise not_found("closure")
