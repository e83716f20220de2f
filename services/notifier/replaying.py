"""Replays go on: a batch of each that is due, as far as its rate allows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from services.notifier.domain import replay as rules
from services.notifier.domain.replay import Replay, StoppedReason
from services.notifier.repository import endpoints, replays
from shared.database import Database, Transaction

TICK = timedelta(seconds=1)


class Replaying:
    """Where a replay got to stands in its row: any worker goes on from there."""

    def __init__(self, database: Database, queued: Callable[[str], None]) -> None:
        """`queued` is told which endpoint something is due to."""
        self._database = database
        self._queued = queued

    async def __call__(self) -> int:
        """Take one replay that is due a step further; returns 0 when none is."""
        async with self._database.transaction() as work:
            replay = await replays.due(work.connection, work.now)
            if replay is None:
                return 0
            await replays.save(work.connection, await self._step(work, replay))
        return 1

    async def _step(self, work: Transaction, replay: Replay) -> Replay:
        # Shared: it can't be disabled between this and the queueing.
        if not await endpoints.is_enabled(work.connection, replay.endpoint_id):
            await replays.cancel_queued(work.connection, replay.id, work.now)
            return rules.stopped(replay, StoppedReason.ENDPOINT_DISABLED, work.now)
        under_way = await replays.outstanding(work.connection, replay.id)
        later = work.now + TICK
        if replay.position >= replay.until_position:
            if under_way == 0:
                return rules.finished(replay, work.now)
            return rules.went_on(replay, 0, replay.position, later)
        room = replay.rate - under_way
        if room <= 0:
            return rules.went_on(replay, 0, replay.position, later)
        queued, position = await replays.queue_next(work.connection, replay, room, work.now)
        if queued:
            work.after_commit(partial(self._queued, replay.endpoint_id))
        return rules.went_on(replay, queued, position, later)
