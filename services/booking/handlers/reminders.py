"""Reminders whose time has come."""

from __future__ import annotations

from services.booking import outgoing
from services.booking.domain.aftercare import fall_due
from services.booking.repository import reminders
from shared.database import Database

BATCH = 200


async def remind_due(database: Database) -> int:
    """Tell of a batch of reminders that are due; returns how many."""
    async with database.transaction() as work:
        due = await reminders.due(work.connection, work.now, BATCH)
        for reminder in due:
            told, events = fall_due(reminder, work.now)
            await reminders.save(work.connection, told)
            work.publish(*map(outgoing.published, events))
    return len(due)
