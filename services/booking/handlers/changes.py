"""Bookings changed: what they say, and where they stand."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace

from services.booking.domain import booking as domain
from services.booking.domain.aftercare import ReminderEvent, ReviewRequested, ask_for_review, remind
from services.booking.domain.booking import OPEN_TO_PARTNERS, Action, Booking, Party, Status
from services.booking.domain.cancellation import check_notice, check_reason
from services.booking.domain.details import Asked, Details
from services.booking.domain.need import Job
from services.booking.handlers.codes import new_code
from services.booking.handlers.customers import accepts_reminders, introduce
from services.booking.handlers.lines import of_booking
from services.booking.handlers.refusals import refusing, workshop_only
from services.booking.handlers.slots import completed, retake
from services.booking.handlers.telling import tell
from services.booking.handlers.workshops import found
from services.booking.repository import bookings, locks, reminders, vehicles, workshops
from shared.auth import Caller
from shared.database import Database, Transaction
from shared.idempotency import Answer, Once
from shared.ids import new_id
from shared.problems import not_found


@dataclass(frozen=True, slots=True)
class Change:
    """What shall be different: `services` are completed from the catalog, the rest is edited.

    `is_other_job` tells whether something else may be needed for it.
    """

    edit: Callable[[Details], Details]
    services: tuple[Asked, ...] | None
    is_other_job: bool


async def amend(database: Database, caller: Caller, booking_id: str, change: Change) -> Booking:
    """Change a booking's details, and what is kept for it when the job is another now.

    Raises a Problem: 404 for none of the caller's, 409 when the job doesn't fit.
    """
    line = of_booking(database, booking_id) if change.is_other_job else nullcontext()
    async with line, database.transaction() as work:
        before = await load(work, caller, booking_id, lock=not change.is_other_job)
        if change.is_other_job:
            # The line first, the row after: as everybody does who holds both.
            await locks.workshop_line(work.connection, before.workshop.id)
            before = await load(work, caller, booking_id, lock=True)
        with refusing(time="/services"):
            details, placement = change.edit(before.details), before.placement
            if change.services is not None:
                category = details.service_category
                services = await completed(
                    work.connection, before.workshop.id, change.services, category
                )
                details = replace(details, services=services)
            if change.is_other_job and before.is_open:
                placement = await retake(work, before, Job.of(details))
            known = await introduce(work, replace(before, details=details))
            after, events = domain.amend(replace(known, details=before.details), details, placement)
            await bookings.save(work.connection, after, before=before)
        await tell(work, events)
    return after


async def move(
    database: Database,
    caller: Caller,
    booking_id: str,
    target: Status,
    reason: str | None,
    once: Once[Booking],
) -> Answer:
    """Move a booking on, with what follows a visit that is done.

    Raises a Problem: 404 for none of the caller's, 409 when the table has no such way, 403 when it
    is the workshop's to go.
    """
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        before = await load(work, caller, booking_id, lock=True)
        with refusing():
            action = domain.action_towards(before, target)
        by = party(caller, before)
        if action not in OPEN_TO_PARTNERS and by is not Party.WORKSHOP:
            raise workshop_only()
        if action is Action.CANCEL:
            await _check_cancelling(work, before, by, reason)
        after, events = domain.act(before, action, reason=reason, by=by)
        await tell(work, events)
        if after.status is Status.DONE:
            after, follow_ups = await _follow_up(work, after)
            await tell(work, follow_ups)
        await bookings.save(work.connection, after, before=before)
        return await once.answer(work, after)


def party(caller: Caller, booking: Booking) -> Party:
    """Say on whose behalf a caller changes a booking that it may see."""
    runs = caller.is_workshop and caller.partner_id == booking.workshop.account
    return Party.WORKSHOP if runs or caller.is_operator else Party.CUSTOMER


async def _check_cancelling(
    work: Transaction, booking: Booking, by: Party, reason: str | None
) -> None:
    workshop = await found(work.connection, booking.workshop.id, workshops.ANY)
    with refusing():
        check_reason(booking, by, reason, work.now)
        check_notice(booking, by, workshop.profile.rules.notice, work.now)


async def load(work: Transaction, caller: Caller, booking_id: str, *, lock: bool) -> Booking:
    """Load a booking of the caller's; raises a 404 Problem."""
    booking = await bookings.load(
        work.connection, booking_id, bookings.visible_to(caller), lock=lock
    )
    if booking is None:
        raise not_found("booking")
    return booking


async def _follow_up(
    work: Transaction, booking: Booking
) -> tuple[Booking, tuple[ReviewRequested | ReminderEvent, ...]]:
    workshop = await found(work.connection, booking.workshop.id, workshops.ANY)
    aftercare = workshop.profile.aftercare
    booking, asked = ask_for_review(replace(booking, done_at=work.now), aftercare)
    if not await accepts_reminders(work, booking):
        return booking, asked
    reminder, planned = remind(
        booking,
        aftercare,
        work.now,
        reminder_id=new_id("rem"),
        code=new_code(),
        readings=await vehicles.readings(work.connection, booking.partner_id, booking.details.car),
    )
    if reminder is not None:
        await reminders.add(work.connection, reminder)
    return booking, (*asked, *planned)
