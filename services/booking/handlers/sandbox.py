"""Putting the sandbox's clock forward, for all services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.booking.outgoing import clock_advanced
from shared import sandbox
from shared.auth import Caller
from shared.database import Database
from shared.idempotency import Answer, Once
from shared.problems import Problem, invalid
from shared.sandbox import Advance, SandboxClock

LONGEST = timedelta(days=3653)
"""Ten years: what is further ahead is beyond what anybody plans here."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a clock shows, and how far that is ahead of the wall's."""

    now: datetime
    ahead: timedelta


async def advance(
    database: Database,
    clock: SandboxClock,
    caller: Caller,
    to: timedelta | datetime,
    once: Once[Reading],
) -> Answer:
    """Put business time forward by so much, or to a moment; raises a Problem for going back."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        before = await sandbox.read(work.connection, alone=True)
        wall = clock.wall.now()
        ahead = before.ahead + to if isinstance(to, timedelta) else to - wall
        if ahead <= before.ahead:
            raise invalid("/now", "not-forward", "Time only goes forward.")
        if ahead > LONGEST:
            detail = f"A sandbox goes {LONGEST.days} days ahead at the most."
            raise Problem(409, "too-far-ahead", detail)
        after = Advance(ahead, before.sequence + 1)
        await sandbox.keep(work.connection, after)
        reading = Reading(wall + ahead, ahead)
        work.publish(clock_advanced(caller.partner_id, after.sequence, reading.now, ahead))
        work.after_commit(lambda: clock.reach(ahead))
        return await once.answer(work, reading)


def read(clock: SandboxClock) -> Reading:
    """Tell the business time."""
    return Reading(clock.now(), clock.ahead)
