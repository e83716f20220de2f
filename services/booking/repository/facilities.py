"""Loads and saves what belongs to a workshop: resources, catalog, closures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import date
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import RowMapping, Table, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from services.booking.domain.schedule import Closure
from services.booking.domain.workshop import (
    CatalogService,
    Category,
    Cost,
    Facility,
    Kind,
    Offer,
    Resource,
)
from services.booking.tables.facilities import catalog, closures, resources

UNIQUE_VIOLATION = "23505"

_COST: TypeAdapter[Cost | None] = TypeAdapter(Cost | None)


async def add_resource(connection: AsyncConnection, resource: Resource) -> None:
    """Save a new resource."""
    await connection.execute(insert(resources), _resource_row(resource))


async def save_resource(connection: AsyncConnection, resource: Resource) -> None:
    """Save a resource that was loaded under a lock."""
    await connection.execute(
        update(resources).where(resources.c.id == resource.id).values(_resource_row(resource))
    )


async def lock_resource(
    connection: AsyncConnection, workshop_id: str, resource_id: str
) -> Resource | None:
    """Load a workshop's resource, and hold it until the transaction ends."""
    row = await _locked(connection, resources, workshop_id, resource_id)
    return _resource(row) if row else None


async def in_service(connection: AsyncConnection, workshop_id: str) -> int:
    """Count a workshop's resources that are in service."""
    query = select(func.count()).where(
        resources.c.workshop_id == workshop_id, resources.c.in_service
    )
    return await connection.scalar(query) or 0


async def resources_of(
    connection: AsyncConnection, workshop_id: str, *, before: str | None, limit: int
) -> list[Resource]:
    """Load a workshop's resources, newest first."""
    rows = await _page(connection, resources, workshop_id, before, limit)
    return [_resource(row) for row in rows]


async def add_service(connection: AsyncConnection, service: CatalogService) -> bool:
    """Save a new service of the catalog; returns whether its code was still free."""
    row = _service_row(service)
    new = upsert(catalog).values(row).on_conflict_do_nothing(constraint="catalog_code")
    return (await connection.execute(new)).rowcount == 1


async def save_service(connection: AsyncConnection, service: CatalogService) -> bool:
    """Save a service that was loaded under a lock; returns whether its code was still free.

    When it wasn't, the transaction is over.
    """
    changed = update(catalog).where(catalog.c.id == service.id).values(_service_row(service))
    try:
        await connection.execute(changed)
    except IntegrityError as error:
        if getattr(error.orig, "sqlstate", None) != UNIQUE_VIOLATION:
            raise
        return False
    return True


async def lock_service(
    connection: AsyncConnection, workshop_id: str, service_id: str
) -> CatalogService | None:
    """Load a service of a workshop's catalog, and hold it until the transaction ends."""
    row = await _locked(connection, catalog, workshop_id, service_id)
    return _service(row) if row else None


async def services_of(
    connection: AsyncConnection, workshop_id: str, *, before: str | None, limit: int
) -> list[CatalogService]:
    """Load a workshop's catalog, newest first."""
    return [_service(row) for row in await _page(connection, catalog, workshop_id, before, limit)]


async def services_by_id(
    connection: AsyncConnection, workshop_id: str, ids: Iterable[str]
) -> dict[str, CatalogService]:
    """Load some services of a workshop's catalog; those that it doesn't have are left out."""
    query = select(catalog).where(catalog.c.workshop_id == workshop_id, catalog.c.id.in_(list(ids)))
    rows = await connection.execute(query)
    return {row["id"]: _service(row) for row in rows.mappings()}


async def add_closure(connection: AsyncConnection, closure: Closure) -> None:
    """Save a new closure."""
    await connection.execute(insert(closures), asdict(closure))


async def save_closure(connection: AsyncConnection, closure: Closure) -> None:
    """Save a closure that was loaded under a lock."""
    await connection.execute(
        update(closures).where(closures.c.id == closure.id).values(asdict(closure))
    )


async def lock_closure(
    connection: AsyncConnection, workshop_id: str, closure_id: str
) -> Closure | None:
    """Load a workshop's closure, and hold it until the transaction ends."""
    row = await _locked(connection, closures, workshop_id, closure_id)
    return Closure(**row) if row else None


async def remove_closure(connection: AsyncConnection, workshop_id: str, closure_id: str) -> bool:
    """Delete a closure; returns whether it was there."""
    statement = delete(closures).where(
        closures.c.workshop_id == workshop_id, closures.c.id == closure_id
    )
    return (await connection.execute(statement)).rowcount == 1


async def closures_between(
    connection: AsyncConnection, workshop_id: str, first: date, last: date
) -> tuple[Closure, ...]:
    """Load the closures that have a day from one date to another, both included."""
    query = select(closures).where(
        closures.c.workshop_id == workshop_id,
        closures.c.last_day >= first,
        closures.c.first_day <= last,
    )
    rows = await connection.execute(query)
    return tuple(Closure(**row) for row in rows.mappings())


async def closures_of(
    connection: AsyncConnection, workshop_id: str, *, before: str | None, limit: int
) -> list[Closure]:
    """Load a workshop's closures, newest first."""
    rows = await _page(connection, closures, workshop_id, before, limit)
    return [Closure(**row) for row in rows]


async def _page(
    connection: AsyncConnection, table: Table, workshop_id: str, before: str | None, limit: int
) -> Sequence[RowMapping]:
    query = select(table).where(table.c.workshop_id == workshop_id)
    if before:
        query = query.where(table.c.id < before)
    rows = await connection.execute(query.order_by(table.c.id.desc()).limit(limit))
    return rows.mappings().all()


async def _locked(
    connection: AsyncConnection, table: Table, workshop_id: str, of: str
) -> RowMapping | None:
    query = select(table).where(table.c.workshop_id == workshop_id, table.c.id == of)
    # The weaker lock, which doesn't stop bookings from referring to the row meanwhile.
    found = await connection.execute(query.with_for_update(key_share=True))
    return found.mappings().one_or_none()


def _resource_row(resource: Resource) -> dict[str, Any]:
    return asdict(resource.facility) | {
        "id": resource.id,
        "workshop_id": resource.workshop_id,
        "created_at": resource.created_at,
    }


def _resource(row: RowMapping) -> Resource:
    facility = {field.name: row[field.name] for field in fields(Facility)} | {
        "kind": Kind(row["kind"]),
        "skills": tuple(row["skills"]),
    }
    return Resource(row["id"], row["workshop_id"], Facility(**facility), row["created_at"])


def _service_row(service: CatalogService) -> dict[str, Any]:
    return asdict(service.offer) | {
        "id": service.id,
        "workshop_id": service.workshop_id,
        "cost": _COST.dump_python(service.offer.cost, mode="json"),
        "created_at": service.created_at,
    }


def _service(row: RowMapping) -> CatalogService:
    offer = {field.name: row[field.name] for field in fields(Offer)} | {
        "category": Category(row["category"]),
        "cost": _COST.validate_python(row["cost"]),
        "resources": tuple(map(Kind, row["resources"])),
        "skills": tuple(row["skills"]),
    }
    return CatalogService(row["id"], row["workshop_id"], Offer(**offer), row["created_at"])
