"""The lanes of one worker: taken, kept by a lease, given back when nothing comes any more.

A lease is renewed by the database's clock and watched by this process's own, which goes on while
the process is stopped: what wakes up too late sends nothing more on it.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from time import monotonic

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifier.engine import metrics
from services.notifier.engine.lane import Lane
from services.notifier.repository import lanes as rows
from services.notifier.repository.due import bring_forward
from shared.database import Database

OVERLAP = timedelta(seconds=3)
"""How long a transaction may take to commit what it queued, before only a sweep finds it."""

SWEEP_SECONDS = 1.0
SWEEP_SHARE = 0.02
"""How much of the time sweeps may take: with many endpoints there are fewer of them."""

AGAIN_SECONDS = 15.0
"""How often a lane that always has something in hand is looked through from its beginning."""

IDLE_SECONDS = 60.0
TAKEN_AT_ONCE = 100

log = structlog.get_logger(__name__)


class Fleet:
    """Which endpoints are this worker's, and which of them have something due."""

    def __init__(self, database: Database, lease: timedelta) -> None:
        self.worker_id = uuid.uuid4()
        self.lanes: dict[str, Lane] = {}
        self._database = database
        self._lease = lease
        self._alive_until = 0.0
        self._renew_at = 0.0
        self._sweep_at = 0.0
        self._again_at = 0.0
        self._seen: datetime | None = None
        self._corrected_until = 0.0

    @property
    def is_alive(self) -> bool:
        """Tell whether the lease holds: else others may send by now."""
        return monotonic() < self._alive_until

    def has(self, lane: Lane) -> bool:
        """Tell whether a lane is still this worker's."""
        return self.is_alive and self.lanes.get(lane.endpoint_id) is lane

    async def look(self, room: int) -> list[Lane]:
        """Renew the lease, take what nobody has, and list the lanes that something is due to."""
        async with self._database.reading() as connection:
            await self._live_on(connection)
            hinted, free = await self._due(connection)
            if wanted := free[: min(room, TAKEN_AT_ONCE)]:
                taken = await rows.take(connection, self.worker_id, wanted)
                hinted += [self.add(each) for each in taken]
            if len(wanted) < len(free):
                self._sweep_at = 0.0  # the rest may be taken by others meanwhile
            await self._give_back(connection)
        return hinted

    async def take(
        self, connection: AsyncConnection, endpoint_ids: Collection[str]
    ) -> Sequence[str]:
        """Take, in a transaction that queues, the lanes that nobody has; return which."""
        free = [each for each in endpoint_ids if each not in self.lanes]
        if not free or not self.is_alive:
            return []
        return await rows.take(connection, self.worker_id, free)

    def add(self, endpoint_id: str) -> Lane:
        """Begin with a lane that was taken."""
        lane = self.lanes.setdefault(endpoint_id, Lane(endpoint_id))
        lane.used_at = monotonic()
        return lane

    async def drop(self, lanes: Sequence[Lane]) -> None:
        """Give back the lanes of endpoints that aren't sent to any more."""
        for lane in lanes:
            self.lanes.pop(lane.endpoint_id, None)
        async with self._database.reading() as connection:
            await rows.give_back(connection, self.worker_id, [lane.endpoint_id for lane in lanes])

    async def leave(self) -> None:
        """Give all lanes back."""
        self._alive_until = 0.0
        self.lanes.clear()
        async with self._database.reading() as connection:
            await rows.leave(connection, self.worker_id)

    async def _live_on(self, connection: AsyncConnection) -> None:
        before = monotonic()
        if self.is_alive and before < self._renew_at:
            return
        lease = self._lease.total_seconds()
        if not await rows.renew(connection, self.worker_id, self._lease) or not self.is_alive:
            if self._alive_until:
                log.warning("worker.was_buried", worker_id=str(self.worker_id))
                await rows.leave(connection, self.worker_id)
            self.worker_id = uuid.uuid4()
            self.lanes.clear()
            self._sweep_at = 0.0
            await rows.enlist(connection, self.worker_id, self._lease)
        self._alive_until, self._renew_at = before + lease, before + lease / 3
        if buried := await rows.bury(connection, self._lease):
            log.warning("worker.buried", workers=buried)
            self._sweep_at = 0.0

    async def _due(self, connection: AsyncConnection) -> tuple[list[Lane], list[str]]:
        """Hint lanes that something is due to; return those, and the endpoints that have none."""
        now = self._database.clock.now()
        # A process that begins can't know by what clock others, or itself before, queued.
        began, seen, self._seen = self._seen is None, self._seen or now, now
        if (set_back := now < seen - OVERLAP) or began:
            self._corrected_until = monotonic() + OVERLAP.total_seconds()
        if monotonic() < self._corrected_until:
            await self._correct(connection, now, tell=set_back)
        since = min(seen, now) - OVERLAP
        due = set(await rows.came_due(connection, self.worker_id, since=since, now=now))
        swept, again = await self._sweep(connection, now)
        hinted, free = [], []
        for each in sorted(due | swept):
            if (lane := self.lanes.get(each)) is None:
                free.append(each)
            elif each in due or again or not lane.held:
                lane.hint(again=again)
                hinted.append(lane)
        return hinted, free

    async def _correct(self, connection: AsyncConnection, now: datetime, *, tell: bool) -> None:
        """Have what was queued or tried while the clock was ahead wait for it no longer.

        Again and again for as long as a transaction may take that began before it was set back.
        """
        found = await bring_forward(connection, now)
        if found or tell:
            self._sweep_at = self._again_at = 0.0
            log.warning("clock.set_back", deliveries=found)

    async def _sweep(self, connection: AsyncConnection, now: datetime) -> tuple[set[str], bool]:
        """Find what a look misses (committed late, of a worker that died), as often as is cheap."""
        began = monotonic()
        if began < self._sweep_at:
            return set(), False
        owed = await rows.owed(connection, self.worker_id, now)
        self._sweep_at = began + max(SWEEP_SECONDS, (monotonic() - began) / SWEEP_SHARE)
        if again := began >= self._again_at:
            self._again_at = began + AGAIN_SECONDS
            metrics.oldest_due.set(await rows.oldest_due(connection, now))
        return set(owed), again

    async def _give_back(self, connection: AsyncConnection) -> None:
        before = monotonic() - IDLE_SECONDS
        idle = [each for each in self.lanes.values() if each.idle and each.used_at < before]
        for lane in idle:
            del self.lanes[lane.endpoint_id]
        if idle:
            await rows.give_back(connection, self.worker_id, [each.endpoint_id for each in idle])
