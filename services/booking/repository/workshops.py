"""Loads and saves workshops."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, RowMapping, insert, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.booking.domain.hours import Hours
from services.booking.domain.workshop import Aftercare, Profile, Rules, Workshop
from services.booking.tables.workshops import workshops
from shared.auth import Caller, Scope

_HOURS: TypeAdapter[Hours] = TypeAdapter(Hours)
_AFTERCARE = TypeAdapter(Aftercare)
_RULES = TypeAdapter(Rules)


ANY = true()
"""For what acts on everybody's behalf."""


def run_by(caller: Caller) -> ColumnElement[bool]:
    """Limit workshops to those that the caller may change."""
    return ANY if caller.is_operator else workshops.c.partner_id == caller.partner_id


def visible_to(caller: Caller) -> ColumnElement[bool]:
    """Limit workshops to those that the caller may see: to a partner, all that it could book."""
    return ANY if Scope.PARTNER in caller.scopes else run_by(caller)


async def add(connection: AsyncConnection, workshop: Workshop) -> None:
    """Save a new workshop."""
    await connection.execute(insert(workshops), _row(workshop))


async def save(connection: AsyncConnection, workshop: Workshop) -> None:
    """Save a workshop that was loaded under a lock."""
    await connection.execute(
        update(workshops).where(workshops.c.id == workshop.id).values(_row(workshop))
    )


async def load(
    connection: AsyncConnection,
    workshop_id: str,
    visible: ColumnElement[bool],
    *,
    lock: bool = False,
) -> Workshop | None:
    """Load one workshop if it is visible; `lock` holds it until the transaction ends."""
    query = select(workshops).where(workshops.c.id == workshop_id, visible)
    if lock:
        # The weaker lock, which doesn't stop bookings from referring to the workshop meanwhile.
        query = query.with_for_update(key_share=True)
    found = await connection.execute(query)
    row = found.mappings().one_or_none()
    return _workshop(row) if row else None


async def page(
    connection: AsyncConnection, visible: ColumnElement[bool], *, before: str | None, limit: int
) -> list[Workshop]:
    """Load workshops, newest first."""
    query = select(workshops).where(visible).order_by(workshops.c.id.desc()).limit(limit)
    rows = await connection.execute(query.where(workshops.c.id < before) if before else query)
    return [_workshop(row) for row in rows.mappings()]


def _row(workshop: Workshop) -> dict[str, Any]:
    profile = workshop.profile
    return {field.name: getattr(profile, field.name) for field in fields(profile)} | {
        "id": workshop.id,
        "partner_id": workshop.partner_id,
        "hours": _HOURS.dump_python(profile.hours, mode="json"),
        "aftercare": _AFTERCARE.dump_python(profile.aftercare, mode="json"),
        "rules": _RULES.dump_python(profile.rules, mode="json"),
        "sequence": workshop.sequence,
        "created_at": workshop.created_at,
    }


def _workshop(row: RowMapping) -> Workshop:
    profile = {field.name: row[field.name] for field in fields(Profile)} | {
        "hours": _HOURS.validate_python(row["hours"]),
        "aftercare": _AFTERCARE.validate_python(row["aftercare"]),
        "rules": _RULES.validate_python(row["rules"]),
        "embed_origins": tuple(row["embed_origins"]),
    }
    return Workshop(
        row["id"], row["partner_id"], Profile(**profile), row["created_at"], row["sequence"]
    )
