"""A partner's bookings, counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import RowMapping

from services.booking.repository import reports
from shared.auth import Caller
from shared.database import Database
from shared.idempotency import Answer, Once

BATCH = 2000


async def of_partner(
    database: Database, caller: Caller, first: date, last: date, period: str
) -> Sequence[RowMapping]:
    """Count the account's own bookings by their drop-off's date at the workshop."""
    async with database.reading() as connection:
        return await reports.count(connection, caller.partner_id, first, last, period)


async def rebuild(database: Database, once: Once[int]) -> Answer:
    """Make what the reports count anew from the log of events, a batch of bookings at a time."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
    done, after = 0, ""
    while True:
        async with database.transaction() as work:
            made = await reports.rebuild(work.connection, after, BATCH)
            done += len(made)
            if len(made) < BATCH:
                return await once.answer(work, done)
        after = made[-1]
