"""Sends what is due, as far as windows, rates, breakers and the room of this process allow."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from datetime import timedelta

import structlog

from services.notifier.domain.delivery import Answer, Delivery, DeliveryStatus, Sent
from services.notifier.domain.message import Message
from services.notifier.engine import metrics
from services.notifier.engine.finding import Finding
from services.notifier.engine.fleet import Fleet
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

LANES_AT_ONCE = 50
MOST_UNSETTLED = 2000
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
        self._flying: set[asyncio.Task[None]] = set()
        self._hungry: dict[Lane, None] = {}
        self._crowded: deque[Lane] = deque()
        self._stopping = True
        self._texts = Texts()
        self._fleet = Fleet(database, lease, self._time)
        self._finding = Finding(database, box, self._texts)
        self._settling = Settling(database, policy, self._settled)
        every = min(POLL_SECONDS, lease.total_seconds() / 4)
        self._looking = Worker("deliveries", self._look, every=every)
        self._filling = Worker("lanes", self._fill, every=POLL_SECONDS)

    def wake(self) -> None:
        """Hint that something was queued; a lost hint costs a second."""
        self._looking.wake()

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
        wanted = [each.endpoint_id for each in wanting]
        taken = await self._fleet.take(work.connection, wanted)
        versions = {each.endpoint_id: each.version for each in wanting}
        work.after_commit(lambda: self._handed(message, versions, queued, taken))

    async def start(self) -> None:
        """Begin."""
        await self._sender.start()
        self._stopping = False
        for part in (self._settling, self._filling, self._looking):
            await part.start()

    async def stop(self) -> None:
        """Send nothing more, let what is in flight finish (10 s at the most), and keep results.

        What doesn't finish is sent by whoever has its endpoint next.
        """
        self._stopping = True
        await self._looking.stop()
        await self._filling.stop()
        if self._flying:
            await asyncio.wait(self._flying, timeout=DRAIN_SECONDS)
        for task in self._flying:
            task.cancel()
        await asyncio.gather(*self._flying, return_exceptions=True)
        try:
            await self._settling.stop()
            await self._fleet.leave()
        finally:
            await self._sender.stop()

    async def ready(self) -> bool:
        """Tell whether it takes what is due, and keeps what came of it."""
        parts = (self._looking, self._filling, self._settling)
        return all([await part.ready() for part in parts])

    def _time(self) -> float:
        return asyncio.get_running_loop().time()

    async def _look(self) -> int:
        lanes = await self._fleet.look(max(self._room - len(self._flying), 0))
        self._settling.worker_id = self._fleet.worker_id
        for lane in lanes:
            self._pump(lane)
        return 0

    def _handed(
        self,
        message: Message,
        versions: dict[str, str],
        queued: Sequence[Delivery],
        taken: Sequence[str],
    ) -> None:
        for endpoint_id in taken:
            self._fleet.add(endpoint_id)
        now = self._time()
        for delivery in queued:
            lane = self._fleet.lanes.get(delivery.endpoint_id)
            if lane is None:
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

    def _pump(self, lane: Lane) -> None:
        """Send what may be sent now; see to it that this is called again when more may."""
        if self._stopping or lane.closing is not None or not self._fleet.has(lane):
            return
        while lane.waiting and lane.flying < lane.window(self._window):
            now = self._time()
            if (at := lane.ready_at(now)) > now:
                self._pump_at(lane, at)
                return
            if not self._has_room(lane):
                return
            if lane.destination is None or now - lane.waiting[0].found_at > FRESH_SECONDS:
                lane.forget()
                break
            self._launch(lane, lane.waiting.popleft(), now)
        if lane.more and len(lane.waiting) <= lane.most // 4:
            if (at := lane.ready_at(now := self._time())) > now + FRESH_SECONDS / 2:
                self._pump_at(lane, at)
            else:
                self._hungry[lane] = None
                self._filling.wake()

    def _has_room(self, lane: Lane) -> bool:
        """Tell whether one more may fly; when few may, no lane gets a second one."""
        left = self._room - len(self._flying)
        if self._settling.waiting < MOST_UNSETTLED and left > (
            self._room // 4 if lane.flying else 0
        ):
            return True
        if not lane.flying:
            self._crowded.append(lane)
        return False

    def _pump_at(self, lane: Lane, at: float) -> None:
        if lane.timer is not None:
            lane.timer.cancel()
        lane.timer = asyncio.get_running_loop().call_at(at, self._pump, lane)

    def _launch(self, lane: Lane, item: Item, now: float) -> None:
        if lane.destination is not None and (rate := lane.destination.terms.rate_per_second):
            lane.next_at = max(now, lane.next_at) + 1 / rate
        lane.flying += 1
        lane.used_at = now
        task = asyncio.create_task(self._send(lane, item), name=item.delivery.id)
        self._flying.add(task)
        metrics.in_flight.inc()
        task.add_done_callback(self._flying.discard)

    async def _send(self, lane: Lane, item: Item) -> None:
        started_at = self._database.clock.now()
        tried = None
        try:
            if not item.delivery.is_late(started_at):
                tried = Tried(started_at, await self._sent(lane, item))
        finally:
            lane.flying -= 1
            metrics.in_flight.dec()
        if tried is not None:
            self._heed(lane, item, Answer(tried.sent.status))
        self._settling.add(Result(lane, item.delivery, tried))
        self._pump(lane)
        if self._crowded:
            self._pump(self._crowded.popleft())

    def _heed(self, lane: Lane, item: Item, answer: Answer) -> None:
        """Have what is sent next bear in mind what came of this, before that is kept."""
        if answer.taken:
            lane.breaker = lane.breaker.succeeded()
            return
        lane.breaker = lane.breaker.failed(self._time(), self._longest)
        lane.failing = True
        if answer.gone:
            lane.closing = item.delivery.id

    async def _sent(self, lane: Lane, item: Item) -> Sent:
        destination, signer = lane.destination, lane.signer
        if destination is None or signer is None:
            return Sent(None, 0, error="secret-unreadable")
        # By the wall's clock: receivers refuse what is stale by theirs, wherever ours was put.
        headers = signer.headers(
            item.delivery.event_id,
            item.body,
            sent_at=self._wall.now(),
            now=self._database.clock.now(),
        )
        return await self._sender.send(destination.method, destination.url, headers, item.body)

    async def _fill(self) -> int:
        asking = list(self._hungry)[:LANES_AT_ONCE]
        for lane in asking:
            del self._hungry[lane]
        lanes = [lane for lane in asking if self._fleet.has(lane)]
        if not lanes:
            return len(self._hungry)
        try:
            gone = await self._finding.fill(lanes)
        except BaseException:
            self._hungry |= dict.fromkeys(lanes)
            raise
        if gone:
            await self._fleet.drop(gone)
        for lane in lanes:
            if lane not in gone:
                self._pump(lane)
        return len(self._hungry)

    def _settled(self, lane: Lane, delivery: Delivery) -> None:
        lane.release(delivery)
        if lane.closing == delivery.id:
            lane.closing = None
        if delivery.status is DeliveryStatus.QUEUED:
            wait = (delivery.due_at - self._database.clock.now()).total_seconds()
            if wait < SOON_SECONDS:
                asyncio.get_running_loop().call_later(max(wait, 0), self._due, lane)
        self._pump(lane)

    def _due(self, lane: Lane) -> None:
        lane.hint()
        self._pump(lane)
