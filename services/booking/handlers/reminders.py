"""Reminders: those whose time has come, those asked for now, and what comes of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.booking import outgoing
from services.booking.domain.aftercare import (
    AlreadyRebooked,
    Reminder,
    ReminderEvent,
    Status,
    fall_due,
    planned,
)
from services.booking.domain.booking import Booking
from services.booking.domain.customer import Known
from services.booking.domain.quiet import after_quiet
from services.booking.handlers.codes import new_code
from services.booking.repository import bookings, customers, reminders, workshops
from services.booking.tables.reminders import reminders as table
from shared.auth import Caller
from shared.database import Database, Transaction
from shared.idempotency import Answer, Once
from shared.ids import new_id
from shared.problems import FieldError, Problem, invalid, not_found

BATCH = 200
ANOTHER_TRY = timedelta(hours=1)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is to be reminded now: by id, or else by phone; of which visit, when not the last."""

    customer_id: str | None
    phone: str | None
    workshop_id: str | None


async def remind_due(database: Database) -> int:
    """Tell of a batch of reminders that are due; returns how many there were."""
    async with database.transaction() as work:
        due = await reminders.due(work.connection, work.now, BATCH)
        for reminder in due:
            try:
                told, events = await _told(work, reminder)
                published = [*map(outgoing.published, events)]
            except SQLAlchemyError:
                raise
            except Exception:
                # Of one alone, such as a time zone that is no more: the others are told of.
                log.exception("reminder.broken", reminder=reminder.id)
                told, published = replace(reminder, due_at=work.now + ANOTHER_TRY), []
            await reminders.save(work.connection, told)
            work.publish(*published)
    return len(due)


async def send(database: Database, caller: Caller, wanted: Wanted, once: Once[Reminder]) -> Answer:
    """Remind a customer now, or when the quiet hours are over.

    Raises a Problem: 422 for nobody the caller knows, 409 for one who doesn't want to be reminded.
    """
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        known = await _known(work, caller, wanted)
        if not known.accepts_reminders:
            raise Problem(409, "opted-out", "The customer doesn't want to be reminded.")
        last = await bookings.last_of(work.connection, known.id, wanted.workshop_id)
        if last is None:
            message = "The customer has no booking there."
            raise invalid("/workshop_id", "unknown-workshop", message)
        reminder, events = planned(_asked_for(known, last, work.now))
        told, due = await _told(work, reminder)
        await reminders.add(work.connection, told)
        work.publish(*map(outgoing.published, (*events, *due)))
        return await once.answer(work, told)


async def read(database: Database, caller: Caller, reminder_id: str) -> Reminder:
    """Read one reminder; raises a 404 Problem for none of the caller's."""
    async with database.reading() as connection:
        visible = (table.c.id == reminder_id) & reminders.visible_to(caller)
        reminder = await reminders.load(connection, visible)
    if reminder is None:
        raise not_found("reminder")
    return reminder


async def reminded_by(work: Transaction, caller: Caller, code: str | None) -> Reminder | None:
    """Lock the reminder that a booking is made by; raises a 422 Problem for an unknown code."""
    if code is None:
        return None
    visible = (table.c.code == code) & reminders.visible_to(caller)
    reminder = await reminders.load(work.connection, visible, lock=True)
    if reminder is None:
        raise invalid("/reminder_code", "unknown-code", "There is no such reminder.")
    if reminder.status is Status.REBOOKED:
        raise AlreadyRebooked(reminder.rebooking_id)
    return reminder


async def _told(
    work: Transaction, reminder: Reminder
) -> tuple[Reminder, tuple[ReminderEvent, ...]]:
    workshop = await workshops.load(work.connection, reminder.workshop.id, workshops.ANY)
    quiet = workshop.profile.aftercare.quiet_hours if workshop else None
    zone, accepted = ZoneInfo(reminder.workshop.time_zone), True
    if reminder.customer_id is not None:
        known = await customers.load(work.connection, reminder.customer_id, customers.ANY)
        if known is not None:
            zone, accepted = known.zone(reminder.workshop.time_zone), known.accepts_reminders
    not_before = after_quiet(work.now, quiet, zone)
    return fall_due(reminder, work.now, not_before=not_before, accepted=accepted)


async def _known(work: Transaction, caller: Caller, wanted: Wanted) -> Known:
    """Find a customer: the id wins."""
    connection, found, pointer = work.connection, None, "/phone"
    if wanted.customer_id is not None:
        pointer = "/customer_id"
        found = await customers.load(connection, wanted.customer_id, customers.visible_to(caller))
    elif wanted.phone is not None:
        found = await customers.by_contact(connection, caller.partner_id, wanted.phone)
    if found is None:
        message = "The account has no such customer."
        errors = [FieldError(pointer, "unknown-customer", message)]
        raise Problem(422, "invalid-request", message, errors)
    return found


def _asked_for(known: Known, last: Booking, now: datetime) -> Reminder:
    return Reminder(
        id=new_id("rem"),
        partner_id=known.partner_id,
        workshop=last.workshop,
        booking_id=None,
        status=Status.SCHEDULED,
        due_at=now,
        code=new_code(),
        # Of one visit both: who was named last under this number may be somebody else.
        customer=last.details.customer,
        car=last.details.car,
        created_at=now,
        customer_id=known.id,
    )
