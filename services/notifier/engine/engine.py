"""Sends what is due, as far as windows, rates, breakers and the room of this process allow."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from time import monotonic

import structlog

from services.notifier.domain.delivery import Answer, Delivery, Sent
from services.notifier.domain.message import Message
from services.notifier.engine import metrics
from services.notifier.engine.filling import Filling
from services.notifier.engine.finding import Finding
from services.notifier.engine.fleet import Fleet
from services.notifier.engine.hints import Hints
from services.notifier.engine.lane import AT_FIRST, Item, Lane
from services.notifier.engine.settling import Policy, Result, Settling
from services.notifier.engine.texts import Texts
from services.notifier.repository.endpoints import Wanting
from services.notifier.repository.results import Tried
from services.notifier.sealing import SecretBox
from services.notifier.sender import Sender
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.worker import Worker

POLL_SECONDS = 1.0
DRAIN_SECONDS = 10.0
FRESH_SECONDS = 2.0
"""How long what was found is sent as it was found; then it is looked at again."""

SOON_SECONDS = 10.0
"""Retries that are due within so many seconds are waited for; the others are found when they are.
"""

log = structlog.get_logger(__name__)


class Engine:
    """Several engines share the endpoints: each is one engine's at a time (decision 20)."""

    def __init__(
        self,
        database: Database,
        sender: Sender,
        box: SecretBox,
        policy: Policy,
        wall: Clock,
        *,
        dsn: str,
        lease: timedelta,
        window: int,
        in_flight: int,
    ) -> None:
        self._database = database
        self._sender = sender
        self._wall = wall
        self._longest = policy.longest_pause.total_seconds()
        self._window = window
        self._room = in_flight
        self._workers: set[asyncio.Task[None]] = set()
        self._flying = 0
        self._crowded: deque[Lane] = deque()
        self._stopping = True
        self._texts = Texts()
        self._fleet = Fleet(database, lease)
        self._filling = Filling(Finding(database, box, self._texts), self._fleet, self._pump)
        self._hints = Hints(dsn, self._heard)
        self._settling = Settling(database, policy, self._settled)
        every = min(POLL_SECONDS, lease.total_seconds() / 4)
        self._looking = Worker("deliveries", self._look, every=every)

    def queued(self, endpoint_id: str) -> None:
        """Hint that something was queued, to whoever has its lane; a lost hint costs a second."""
        if (lane := self._fleet.lanes.get(endpoint_id)) is not None:
            self._due(lane)
        else:
            self._looking.wake()
            self._hints.tell([endpoint_id])

    def changed(self, endpoint_id: str) -> None:
        """Note that an endpoint isn't what it was: what is in hand is looked at again."""
        if (lane := self._fleet.lanes.get(endpoint_id)) is not None:
            lane.destination = None
            lane.forget()
            self._pump(lane)

    async def hand(
        self,
        work: Transaction,
        message: Message,
        wanting: Sequence[Wanting],
        queued: Sequence[Delivery],
    ) -> None:
        """Have what a transaction queued sent once it is committed, without looking for it."""
        if self._stopping:
            return
        worker_id = self._fleet.worker_id
        taken = await self._fleet.take(work.connection, [each.endpoint_id for each in wanting])
        versions = {each.endpoint_id: each.version for each in wanting}

        def committed() -> None:
            if worker_id == self._fleet.worker_id:  # else they were its, and are anybody's by now
                for endpoint_id in taken:
                    self._fleet.add(endpoint_id)
            self._handed(message, versions, queued)

        work.after_commit(committed)

    async def start(self) -> None:
        """Begin."""
        await self._sender.start()
        self._stopping = False
        metrics.in_flight.set_function(lambda: self._flying)
        for part in (self._settling, self._filling, self._looking, self._hints):
            await part.start()

    async def stop(self) -> None:
        """Send nothing more, let what is in flight finish (10 s at the most), and keep results.

        What doesn't finish is sent by whoever has its endpoint next.
        """
        self._stopping = True
        await self._hints.stop()
        await self._looking.stop()
        await self._filling.stop()
        if self._workers:
            await asyncio.wait(self._workers, timeout=DRAIN_SECONDS)
        for task in self._workers:
            task.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        try:
            await self._settling.stop()
            await self._fleet.leave()
        finally:
            await self._sender.stop()

    async def ready(self) -> bool:
        """Tell whether it takes what is due, and keeps what came of it."""
        parts = (self._looking, self._filling, self._settling)
        return all([await part.ready() for part in parts])

    async def _look(self) -> int:
        lanes = await self._fleet.look(max(self._room - self._flying, 0))
        self._settling.worker_id = self._fleet.worker_id
        for lane in lanes:
            self._pump(lane)
        return 0

    def _handed(
        self,
        message: Message,
        versions: dict[str, str],
        queued: Sequence[Delivery],
    ) -> None:
        now, elsewhere = monotonic(), []
        for delivery in queued:
            lane = self._fleet.lanes.get(delivery.endpoint_id)
            if lane is None:
                elsewhere.append(delivery.endpoint_id)
                continue
            known = lane.destination
            if (
                known is None
                or known.version != versions[delivery.endpoint_id]
                or known.terms.by_subject
                or lane.more
                or len(lane.waiting) >= AT_FIRST
            ):
                lane.hint()
            else:
                body = self._texts.of(message, None, known.payload_version)
                lane.hold(Item(delivery, body, now))
            self._pump(lane)
        self._hints.tell(elsewhere)

    def _heard(self, endpoint_ids: Sequence[str]) -> None:
        """Look at lanes of ours for which another process queued something."""
        for lane in filter(None, map(self._fleet.lanes.get, endpoint_ids)):
            self._due(lane)

    def _pump(self, lane: Lane) -> None:
        """Send what may be sent now; see to it that this is called again when more may."""
        while (item := self._next(lane)) is not None:
            worker = asyncio.create_task(self._work(lane, item), name=lane.endpoint_id)
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)

    def _next(self, lane: Lane) -> Item | None:
        """Take what may be sent now, if anything may."""
        if self._stopping or lane.closing is not None or not self._fleet.has(lane):
            return None
        item, now = None, monotonic()
        if lane.waiting and lane.flying < lane.window(self._window):
            if (at := lane.ready_at(now)) > now:
                self._pump_in(lane, at - now)
                return None
            if not self._has_room(lane):
                return None
            if lane.destination is None or now - lane.waiting[0].found_at > FRESH_SECONDS:
                lane.forget()
            else:
                self._flying += 1
                item = lane.take(now)
        if lane.more and len(lane.waiting) <= lane.most // 4:
            if (wait := lane.ready_at(now) - now) > FRESH_SECONDS / 2:
                self._pump_in(lane, wait)
            else:
                self._filling.ask(lane)
        return item

    def _has_room(self, lane: Lane) -> bool:
        """Tell whether one more may fly; when few may, no lane gets a second one."""
        left = self._room - self._flying
        room = self._settling.room and left > (self._room // 4 if lane.flying else 0)
        if room and self._settling.keeps_up(lane):
            return True
        if not (room or lane.flying):
            self._crowded.append(lane)
        return False

    def _pump_in(self, lane: Lane, seconds: float) -> None:
        if lane.timer is not None:
            lane.timer.cancel()
        lane.timer = asyncio.get_running_loop().call_later(seconds, self._pump, lane)

    async def _work(self, lane: Lane, first: Item) -> None:
        """Send one after the other, as long as more may be sent: a task for each costs more."""
        item: Item | None = first
        while item is not None:
            await self._send(lane, item)
            item = self._next(lane)
            if self._crowded:
                self._pump(self._crowded.popleft())

    async def _send(self, lane: Lane, item: Item) -> None:
        started_at = self._database.clock.now()
        tried = None
        try:
            if not item.delivery.is_late(started_at):
                tried = Tried(started_at, await self._sent(lane, item, started_at))
        finally:
            lane.flying -= 1
            self._flying -= 1
        if tried is not None:
            answer = Answer(tried.sent.status)
            lane.heed(item.delivery, answer, monotonic(), self._longest)
        self._settling.add(Result(lane, item.delivery, tried))

    async def _sent(self, lane: Lane, item: Item, now: datetime) -> Sent:
        destination, signer = lane.destination, lane.signer
        if destination is None or signer is None:
            return Sent(None, 0, error="secret-unreadable")
        # By the wall's clock: receivers refuse what is stale by theirs, wherever ours was put.
        headers = signer.headers(
            item.delivery.event_id, item.body, sent_at=self._wall.now(), now=now
        )
        account = item.delivery.partner_id
        try:
            return await self._sender.send(
                destination.method, destination.url, headers, item.body, account=account
            )
        except Exception as error:  # a fault of ours: it would be in hand for ever otherwise
            log.error("delivery.broken", delivery_id=item.delivery.id, exc_info=error)
            return Sent(None, 0, error="internal-error")

    def _settled(self, lane: Lane, again: Iterable[datetime]) -> None:
        for due_at in again:
            wait = (due_at - self._database.clock.now()).total_seconds()
            if wait < SOON_SECONDS:
                asyncio.get_running_loop().call_later(max(wait, 0), self._due, lane)
        self._pump(lane)

    def _due(self, lane: Lane) -> None:
        lane.hint()
        self._pump(lane)
