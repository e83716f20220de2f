"""Loads and saves reminders."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, RowMapping, Select, insert, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.booking.domain.aftercare import Reminder, Status
from services.booking.domain.details import Car, Customer
from services.booking.repository.bookings import PLACE, place
from services.booking.tables.reminders import reminders
from services.booking.tables.workshops import workshops
from shared.auth import Caller

_CUSTOMER = TypeAdapter(Customer)
_CAR: TypeAdapter[Car | None] = TypeAdapter(Car | None)
_OWN = {field.name for field in fields(Reminder)} - {"workshop"}


async def add(connection: AsyncConnection, reminder: Reminder) -> None:
    """Save a new reminder."""
    row = {name: getattr(reminder, name) for name in _OWN} | {
        "workshop_id": reminder.workshop.id,
        "customer": _CUSTOMER.dump_python(reminder.customer, mode="json"),
        "car": _CAR.dump_python(reminder.car, mode="json"),
    }
    await connection.execute(insert(reminders), row)


async def save(connection: AsyncConnection, reminder: Reminder) -> None:
    """Save where a reminder, loaded under a lock, stands now."""
    await connection.execute(
        update(reminders)
        .where(reminders.c.id == reminder.id)
        .values(
            status=reminder.status,
            due_at=reminder.due_at,
            sequence=reminder.sequence,
            rebooking_id=reminder.rebooking_id,
        )
    )


def visible_to(caller: Caller) -> ColumnElement[bool]:
    """Limit reminders to the caller's own, and those of its workshops."""
    if caller.is_operator:
        return true()
    own = reminders.c.partner_id == caller.partner_id
    if not caller.is_workshop:
        return own
    return or_(own, workshops.c.partner_id == caller.partner_id)


async def load(
    connection: AsyncConnection, which: ColumnElement[bool], *, lock: bool = False
) -> Reminder | None:
    """Load the one reminder that answers to this."""
    query = _select().where(which)
    if lock:
        query = query.with_for_update(of=reminders)
    row = (await connection.execute(query)).mappings().one_or_none()
    return _reminder(row) if row else None


async def due(connection: AsyncConnection, now: datetime, limit: int) -> list[Reminder]:
    """Lock reminders whose time has come, leaving out those that another process is at."""
    query = (
        _select()
        .where(reminders.c.status == Status.SCHEDULED, reminders.c.due_at <= now)
        .order_by(reminders.c.due_at)
        .limit(limit)
        .with_for_update(of=reminders, skip_locked=True)
    )
    return [_reminder(row) for row in (await connection.execute(query)).mappings()]


def _select() -> Select[Any]:
    return select(reminders, *PLACE).join(workshops, workshops.c.id == reminders.c.workshop_id)


def _reminder(row: RowMapping) -> Reminder:
    return Reminder(
        **{name: row[name] for name in _OWN}
        | {
            "status": Status(row["status"]),
            "workshop": place(row),
            "customer": _CUSTOMER.validate_python(row["customer"]),
            "car": _CAR.validate_python(row["car"]),
        }
    )
