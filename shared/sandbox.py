"""The sandbox's clock: business time that an operator puts forward, for all services.

Decision 17 says what goes by it, and what by the wall's clock. The table is `sandbox_clock`, in the
database of each service that goes by it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.clock import Clock
from shared.contracts import ClockV1
from shared.database import Database, Transaction
from shared.events import Event

_READ = text("SELECT ahead, sequence FROM sandbox_clock")
# Whatever order they come in, time only goes forward.
_KEEP = text("""
INSERT INTO sandbox_clock (ahead, sequence) VALUES (CAST(:ahead AS interval), :sequence)
ON CONFLICT (one) DO UPDATE SET ahead = EXCLUDED.ahead, sequence = EXCLUDED.sequence
WHERE sandbox_clock.ahead < EXCLUDED.ahead
""")
_ALONE = text("LOCK TABLE sandbox_clock IN SHARE ROW EXCLUSIVE MODE")


@dataclass(frozen=True, slots=True)
class Advance:
    """How far business time is ahead, and how often it was advanced."""

    ahead: timedelta = timedelta()
    sequence: int = 0


class SandboxClock:
    """The wall's clock, ahead by what the sandbox was advanced; it never goes back."""

    def __init__(self, wall: Clock) -> None:
        self.wall = wall
        self.ahead = timedelta()
        self._on_advance: list[Callable[[], None]] = []

    def now(self) -> datetime:
        """Return the business moment in UTC."""
        return self.wall.now() + self.ahead

    def on_advance(self, hint: Callable[[], None]) -> None:
        """Call this after each advance: much may be due at once."""
        self._on_advance.append(hint)

    def reach(self, ahead: timedelta) -> None:
        """Be as far ahead as this, if that is forward."""
        if ahead > self.ahead:
            self.ahead = ahead
            for hint in self._on_advance:
                hint()

    async def told(self, work: Transaction, event: Event) -> None:
        """Take in that another service advanced it."""
        ahead = ClockV1.model_validate_json(event.data).ahead
        await keep(work.connection, Advance(ahead, event.sequence))
        work.after_commit(lambda: self.reach(ahead))

    async def look(self, database: Database) -> int:
        """Catch up with the table, as another process of this service may have written there."""
        async with database.reading() as connection:
            self.reach((await read(connection)).ahead)
        return 0


async def read(connection: AsyncConnection, *, alone: bool = False) -> Advance:
    """Read what a database knows; `alone` makes others who would advance it wait."""
    if alone:
        await connection.execute(_ALONE)
    row = (await connection.execute(_READ)).one_or_none()
    return Advance(row.ahead, row.sequence) if row else Advance()


async def keep(connection: AsyncConnection, advance: Advance) -> None:
    """Keep an advance, unless time is further ahead already."""
    named = {"ahead": advance.ahead, "sequence": advance.sequence}
    await connection.execute(_KEEP, named)
