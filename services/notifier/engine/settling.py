"""Keeps what came of sends, as many at once as there are by then."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from time import monotonic

import structlog
from sqlalchemy.exc import DBAPIError, IntegrityError

from services.notifier.domain import delivery as delivery_rules
from services.notifier.domain import endpoint as endpoint_rules
from services.notifier.domain.delivery import (
    Answer,
    Delivery,
    DeliveryExhausted,
    DeliveryStatus,
)
from services.notifier.domain.endpoint import EndpointStatus
from services.notifier.domain.schedule import asked_wait
from services.notifier.engine import metrics
from services.notifier.engine.lane import Lane
from services.notifier.outgoing import published
from services.notifier.repository import deliveries, endpoints, results
from services.notifier.repository.results import Outcome, Tried
from shared.database import Database, Transaction
from shared.worker import Worker

POLL_SECONDS = 1.0
LINGER_SECONDS = 0.004
"""How long results wait for others, so that one statement keeps more of them."""

AT_ONCE = 500
MOST_UNSETTLED, MOST_APART = 2000, 128
"""How many results may wait: of all endpoints together, and of one that is settled by itself."""

APART_AT_ONCE = 4
"""Endpoints that are settled by themselves at once: each takes a connection."""

LONGEST_PAUSE_SECONDS = 30.0
STOP_SECONDS = 10.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Policy:
    """When to try again, how seldom to probe what fails, and when to give an endpoint up."""

    retries: Sequence[timedelta]
    patience: timedelta
    longest_pause: timedelta


@dataclass(slots=True, eq=False)
class Result:
    """What came of a delivery in hand; `tried` is None for one that came too late to be sent."""

    lane: Lane
    delivery: Delivery
    tried: Tried | None

    @property
    def answer(self) -> Answer:
        """Tell what it means, apart from a receiver's wish to wait."""
        return Answer(self.tried.sent.status if self.tried else None)

    @property
    def smooth(self) -> bool:
        """Tell whether it changes nothing but the delivery."""
        return self.answer.taken and not self.lane.failing


class Settling:
    """Successes of healthy endpoints go by one statement; the rest endpoint by endpoint.

    Whatever keeps one endpoint's results from being kept holds up no other's: each of the rest is
    settled in a task of its own, and tries again by itself.
    """

    def __init__(
        self,
        database: Database,
        policy: Policy,
        settled: Callable[[Lane, Iterable[datetime]], None],
    ) -> None:
        """`settled` is told of each lane that something was kept of, and when that is due again."""
        self.worker_id = uuid.UUID(int=0)
        self._database = database
        self._policy = policy
        self._settled = settled
        self._results: dict[Result, None] = {}
        self._apart: dict[Lane, list[Result]] = {}
        self._places = asyncio.Semaphore(APART_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._worker = Worker("results", self._settle, every=POLL_SECONDS)

    @property
    def room(self) -> bool:
        """Tell whether more may be sent, as most of what was is kept."""
        return len(self._results) < MOST_UNSETTLED

    def keeps_up(self, lane: Lane) -> bool:
        """Tell whether more of this lane may be sent; if not, it is settled first."""
        return len(self._apart.get(lane, ())) < MOST_APART

    def add(self, result: Result) -> None:
        """Keep this soon."""
        self._results[result] = None
        self._worker.wake()

    async def start(self) -> None:
        """Begin."""
        await self._worker.start()

    async def stop(self) -> None:
        """Keep what there is (in 10 s at the most), if the database is there for it."""
        await self._worker.stop()
        try:
            while self._results and await self._settle():
                pass
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=STOP_SECONDS)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def ready(self) -> bool:
        """Tell whether results are kept."""
        return await self._worker.ready()

    async def _settle(self) -> int:
        if not self._results:
            return 0
        if not next(iter(self._results)).lane.by_subject:
            await asyncio.sleep(LINGER_SECONDS)
        batch = list(islice(self._results, AT_ONCE))
        smooth: list[Result] = []
        for each in batch:
            if each.smooth and each.lane not in self._apart:
                smooth.append(each)
            else:
                self._set_apart(each)
        try:
            if smooth:
                await self._keep(smooth)
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            # It is about some of them: each by themselves, the others' are kept.
            log.warning("results.parted", error=repr(error))
            for each in smooth:
                self._set_apart(each)
        return len(batch)

    def _set_apart(self, result: Result) -> None:
        lane = result.lane
        del self._results[result]
        if lane in self._apart:
            self._apart[lane].append(result)
            return
        self._apart[lane] = [result]
        task = asyncio.create_task(self._settle_apart(lane), name=f"results {lane.endpoint_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _settle_apart(self, lane: Lane) -> None:
        pause = POLL_SECONDS
        while batch := self._apart[lane][:AT_ONCE]:
            try:
                async with self._places:
                    await self._keep_of_endpoint(batch)
            except IntegrityError as error:
                # A row went away in between (erasure, retention): nothing is to be kept of it.
                log.warning("results.dropped", endpoint=lane.endpoint_id, error=repr(error))
                self._done(batch)
                self._settled(lane, [each.delivery.due_at for each in batch])
            except Exception as error:
                log.warning("results.not_kept", endpoint=lane.endpoint_id, error=repr(error))
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                continue
            del self._apart[lane][: len(batch)]
        del self._apart[lane]

    async def _keep(self, batch: Sequence[Result]) -> None:
        taken = [(each.delivery.id, each.tried) for each in batch if each.tried]
        async with self._database.reading() as connection:
            now = self._database.clock.now()
            kept = await results.deliver(connection, self.worker_id, taken, now)
        metrics.settled.labels(DeliveryStatus.DELIVERED.value).inc(kept)
        for each in batch:
            del self._results[each]
        self._done(batch)
        moment = monotonic()
        for lane, times in Counter(each.lane for each in batch).items():
            lane.budget = lane.budget.succeeded(moment, times)
            self._settled(lane, ())

    async def _keep_of_endpoint(self, batch: Sequence[Result]) -> None:
        lane = batch[0].lane
        async with self._database.transaction() as work:
            disabled, failing = await self._note_health(work, batch)
            after = [(each, *self._after(each)) for each in batch]
            outcomes = [Outcome(delivery, each.tried) for each, delivery, _ in after]
            kept = await results.settle(work.connection, self.worker_id, outcomes)
            for _, delivery, happened in after:
                if delivery.id in kept:
                    work.publish(*map(published, happened))
            if disabled:
                await deliveries.cancel_queued(work.connection, lane.endpoint_id, work.now)
        metrics.count((delivery for _, delivery, _ in after), kept)
        lane.failing = failing
        if disabled:
            lane.destination = None
        self._done(batch)
        queued = [each for _, each, _ in after if each.status is DeliveryStatus.QUEUED]
        self._settled(lane, [each.due_at for each in queued])

    def _after(self, result: Result) -> tuple[Delivery, tuple[DeliveryExhausted, ...]]:
        now = self._database.clock.now()
        if result.tried is None:
            return delivery_rules.expired(result.delivery, now), ()
        sent, lane, late = result.tried.sent, result.lane, 0.0
        answer = Answer(sent.status, asked_wait(sent.retry_after, now))
        moment = monotonic()
        if answer.taken:
            lane.budget = lane.budget.succeeded(moment)
        else:
            lane.budget, late = lane.budget.spent(moment)
        return delivery_rules.attempted(
            result.delivery,
            answer,
            now,
            self._policy.retries,
            # Spreads an outage's retries; nobody gains by guessing it.
            jitter=random.random(),  # noqa: S311 - not for secrets
            patience=timedelta(seconds=late),
        )

    async def _note_health(self, work: Transaction, batch: Sequence[Result]) -> tuple[bool, bool]:
        """Keep an endpoint's record; tell whether it is disabled by now, and whether it fails.

        First of all in the transaction: whoever holds an endpoint may wait for its deliveries,
        never the other way round.
        """
        answers = [each.answer for each in batch if each.tried]
        if not answers:
            return False, batch[0].lane.failing
        endpoint_id = batch[0].lane.endpoint_id
        registered = await endpoints.find(work.connection, endpoint_id, None, lock=True)
        if registered is None:
            return False, False
        endpoint = registered.endpoint
        for answer in answers:
            if answer.taken:
                endpoint = endpoint_rules.succeeded(endpoint)
                continue
            endpoint, happened = endpoint_rules.failed(
                endpoint, work.now, gone=answer.gone, patience=self._policy.patience
            )
            work.publish(*map(published, happened))
        if endpoint != registered.endpoint:
            await endpoints.save_health(work.connection, endpoint)
        disabled = endpoint.status is EndpointStatus.DISABLED
        return disabled, endpoint.failing_since is not None

    def _done(self, batch: Sequence[Result]) -> None:
        for result in batch:
            result.lane.release(result.delivery)
