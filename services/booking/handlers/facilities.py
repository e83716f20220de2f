"""What a workshop has and offers: resources, catalog, closures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from services.booking.domain.schedule import Closure
from services.booking.domain.workshop import (
    CatalogService,
    Facility,
    NotOfThisKind,
    Offer,
    Resource,
)
from services.booking.handlers.days_apart import check_room, tell_days
from services.booking.handlers.workshops import found
from services.booking.repository import facilities, workshops
from shared.auth import Caller
from shared.database import Database, Transaction
from shared.idempotency import Answer, Once
from shared.ids import new_id
from shared.problems import FieldError, Problem, invalid, not_found

MOST_IN_SERVICE = 300
"""Each is looked at for each slot."""


async def add_resource(
    database: Database,
    caller: Caller,
    workshop_id: str,
    facility: Facility,
    once: Once[Resource],
) -> Answer:
    """Give a workshop a bay, a technician or a loan car more."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        await found(work.connection, workshop_id, workshops.run_by(caller))
        resource = Resource(new_id("res"), workshop_id, facility, work.now)
        await facilities.add_resource(work.connection, resource)
        await _check_room(work, workshop_id)
        return await once.answer(work, resource)


async def amend_resource(
    database: Database,
    caller: Caller,
    workshop_id: str,
    resource_id: str,
    edit: Callable[[Facility], Facility],
) -> Resource:
    """Change what is said of a resource; bookings keep it for the time for which they have it."""
    async with database.transaction() as work:
        await found(work.connection, workshop_id, workshops.run_by(caller))
        before = await facilities.lock_resource(work.connection, workshop_id, resource_id)
        if before is None:
            raise not_found("resource")
        try:
            after = replace(before, facility=edit(before.facility))
        except NotOfThisKind as wrong:
            raise invalid(f"/{wrong.field}", "not-of-this-kind", f"{wrong}.") from None
        await facilities.save_resource(work.connection, after)
        if after.facility.in_service and not before.facility.in_service:
            await _check_room(work, workshop_id)
    return after


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
            raise _code_taken()
        return await once.answer(work, service)


async def amend_service(
    database: Database,
    caller: Caller,
    workshop_id: str,
    service_id: str,
    edit: Callable[[Offer], Offer],
) -> CatalogService:
    """Change what is said of a service; bookings of it stay as they were made.

    Raises a 409 Problem when its new code is another's.
    """
    async with database.transaction() as work:
        await found(work.connection, workshop_id, workshops.run_by(caller))
        before = await facilities.lock_service(work.connection, workshop_id, service_id)
        if before is None:
            raise not_found("service")
        after = replace(before, offer=edit(before.offer))
        if not await facilities.save_service(work.connection, after):
            raise _code_taken()
    return after


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
        workshop = await found(work.connection, workshop_id, workshops.run_by(caller), lock=True)
        closure = Closure(new_id("clo"), workshop_id, *days, reason)
        await facilities.add_closure(work.connection, closure)
        await check_room(work, workshop)
        await tell_days(work, workshop)
        return await once.answer(work, closure)


async def amend_closure(
    database: Database,
    caller: Caller,
    workshop_id: str,
    closure_id: str,
    edit: Callable[[Closure], Closure],
) -> Closure:
    """Change a closure's days or reason; raises a 422 Problem when they are reversed."""
    async with database.transaction() as work:
        workshop = await found(work.connection, workshop_id, workshops.run_by(caller), lock=True)
        before = await facilities.lock_closure(work.connection, workshop_id, closure_id)
        if before is None:
            raise not_found("closure")
        after = edit(before)
        if after.last_day < after.first_day:
            raise invalid("/to", "reversed", "The end can't be before the beginning.")
        await facilities.save_closure(work.connection, after)
        await check_room(work, workshop)
        await tell_days(work, workshop)
    return after


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
        workshop = await found(work.connection, workshop_id, workshops.run_by(caller), lock=True)
        if not await facilities.remove_closure(work.connection, workshop_id, closure_id):
            raise not_found("closure")
        await tell_days(work, workshop)


async def _check_room(work: Transaction, workshop_id: str) -> None:
    if await facilities.in_service(work.connection, workshop_id) > MOST_IN_SERVICE:
        detail = f"A workshop has {MOST_IN_SERVICE} resources in service at the most."
        raise Problem(409, "too-many-resources", detail)


def _code_taken() -> Problem:
    message = "Another service of the catalog has this code."
    return Problem(409, "code-taken", message, [FieldError("/code", "code-taken", message)])
