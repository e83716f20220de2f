"""Bookings that recur: each made, or reported as refused with its cause."""

from __future__ import annotations

from dataclasses import replace

from services.booking.domain.recurrence import NotARule, Rule, occurrences
from services.booking.domain.request import Slot, Visit
from services.booking.domain.series import Occurrence, Series
from services.booking.handlers.lines import of_series
from services.booking.handlers.refusals import refusing
from services.booking.handlers.slots import fill, take
from services.booking.handlers.telling import tell
from services.booking.repository import locks, series, workshops
from shared.auth import Caller
from shared.database import Database, Transaction
from shared.idempotency import Answer, Once
from shared.ids import new_id
from shared.problems import Problem, invalid, not_found


async def create(
    database: Database,
    caller: Caller,
    first: Slot,
    rule: tuple[str, Rule],
    visit: Visit,
    once: Once[Series],
) -> Answer:
    """Book every occurrence that is to be had, all in one transaction; the first names the time.

    Raises a 422 Problem for what would refuse each of them.
    """
    async with of_series(database, first.workshop_id), database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        workshop = await workshops.load(
            work.connection, first.workshop_id, workshops.visible_to(caller)
        )
        if workshop is None:
            raise invalid("/workshop_id", "unknown-workshop", "There is no such workshop.")
        text, parsed = rule
        try:
            moments = occurrences(parsed, first.drop_off_at, workshop.zone)
        except NotARule as wrong:
            raise invalid("/rrule", "not-a-rule", str(wrong)) from None
        await locks.series_line(work.connection, caller.partner_id)
        await locks.workshop_line(work.connection, workshop.id)
        made = Series(new_id("ser"), caller.partner_id, workshop.id, text, (), work.now)
        await series.begin(work.connection, made)
        visit = replace(visit, series_id=made.id)
        slots = [replace(first, drop_off_at=moment) for moment in moments]
        booked = [await _occurrence(work, caller, slot, visit) for slot in slots]
        made = replace(made, occurrences=tuple(booked))
        await series.finish(work.connection, made)
        return await once.answer(work, made)


async def read(database: Database, caller: Caller, series_id: str) -> Series:
    """Read one series; raises a 404 Problem for none of the caller's."""
    async with database.reading() as connection:
        found = await series.load(connection, series_id, series.visible_to(caller))
    if found is None:
        raise not_found("series")
    return found


async def _occurrence(work: Transaction, caller: Caller, slot: Slot, visit: Visit) -> Occurrence:
    try:
        # A point to go back to: what the database refuses must not end the whole transaction.
        async with work.connection.begin_nested():
            with refusing():
                taken = await take(work, caller, slot)
                booking, events = await fill(work, taken, visit, caller.partner_id)
    except Problem as refused:
        cause = refused.errors[0] if refused.errors else None
        if cause is not None and cause.pointer != "/drop_off_at":
            raise
        code = cause.code if cause else refused.code
        return Occurrence(slot.drop_off_at, code=code, detail=refused.detail)
    await tell(work, events)
    return Occurrence(slot.drop_off_at, booking_id=booking.id)
