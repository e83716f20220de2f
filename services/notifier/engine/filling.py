"""Has lanes filled that ask for it, many at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.notifier.engine.finding import Finding
from services.notifier.engine.fleet import Fleet
from services.notifier.engine.lane import Lane
from shared.worker import Worker

POLL_SECONDS = 1.0
LANES_AT_ONCE = 50
BROKEN_SECONDS = 30.0
"""How long a lane that can't be filled, by a fault of its own, is left alone."""

log = structlog.get_logger(__name__)


class Filling:
    """Looks for what is due to the lanes of a fleet that have too little in hand."""

    def __init__(self, finding: Finding, fleet: Fleet, filled: Callable[[Lane], None]) -> None:
        """`filled` is told of each lane that was looked at."""
        self._finding = finding
        self._fleet = fleet
        self._filled = filled
        self._hungry: dict[Lane, None] = {}
        self._worker = Worker("lanes", self._fill, every=POLL_SECONDS)

    def ask(self, lane: Lane) -> None:
        """Have a lane filled soon, unless it was found to be broken just now."""
        if monotonic() >= lane.broken_until:
            self._hungry[lane] = None
            self._worker.wake()

    async def start(self) -> None:
        """Begin."""
        await self._worker.start()

    async def stop(self) -> None:
        """Fill no more."""
        await self._worker.stop()

    async def ready(self) -> bool:
        """Tell whether lanes are filled."""
        return await self._worker.ready()

    async def _fill(self) -> int:
        asking = list(self._hungry)[:LANES_AT_ONCE]
        for lane in asking:
            del self._hungry[lane]
        lanes = [lane for lane in asking if self._fleet.has(lane)]
        if not lanes:
            return len(self._hungry)
        try:
            gone = await self._find(lanes)
        except BaseException:
            self._hungry |= dict.fromkeys(lanes)
            raise
        if gone:
            await self._fleet.drop(gone)
        for lane in lanes:
            if lane not in gone:
                self._filled(lane)
        return len(self._hungry)

    async def _find(self, lanes: Sequence[Lane]) -> list[Lane]:
        """Fill lanes together, or one by one where one's fault would keep the others from it."""
        try:
            return await self._finding.fill(lanes)
        except (SQLAlchemyError, OSError):
            raise  # the database's, and so everybody's
        except Exception as error:
            if len(lanes) > 1:
                return [gone for lane in lanes for gone in await self._find([lane])]
            (lane,) = lanes
            log.error("lane.broken", endpoint_id=lane.endpoint_id, exc_info=error)
            lane.broken_until = monotonic() + BROKEN_SECONDS
            return []
