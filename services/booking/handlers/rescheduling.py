"""Bookings moved to another time: the first slot is kept until the second is had."""

from __future__ import annotations

from datetime import datetime

from services.booking.domain import booking as domain
from services.booking.domain.booking import Booking, NotAllowed, Status
from services.booking.domain.cancellation import check_notice
from services.booking.domain.need import Job
from services.booking.domain.request import check_time
from services.booking.handlers.changes import load, party
from services.booking.handlers.lines import of_booking
from services.booking.handlers.refusals import refusing
from services.booking.handlers.slots import take_for
from services.booking.handlers.telling import tell
from services.booking.handlers.workshops import found
from services.booking.repository import bookings, locks, workshops
from shared.auth import Caller
from shared.database import Database
from shared.idempotency import Answer, Once


async def reschedule(
    database: Database,
    caller: Caller,
    booking_id: str,
    drop_off_at: datetime,
    once: Once[Booking],
) -> Answer:
    """Move a visit that hasn't begun to another time, as long as it was.

    Raises a Problem: 404 for none of the caller's, 409 for a time that isn't to be had or when it
    is too late for that; the booking then stands as it stood.
    """
    async with of_booking(database, booking_id), database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        before = await load(work, caller, booking_id, lock=False)
        # The line first, the row after: as everybody does who holds both.
        await locks.workshop_line(work.connection, before.workshop.id)
        before = await load(work, caller, booking_id, lock=True)
        workshop = await found(work.connection, before.workshop.id, workshops.ANY)
        with refusing():
            if before.status is not Status.PENDING:
                raise NotAllowed(before)
            check_notice(before, party(caller, before), workshop.profile.rules.notice, work.now)
            check_time(drop_off_at, work.now)
            job = Job.of(before.details)
            taken = await take_for(work, workshop, job, drop_off_at, moving=before)
            after, events = domain.reschedule(before, taken.placement)
            await bookings.save(work.connection, after, before=before)
        await tell(work, events)
        return await once.answer(work, after)
