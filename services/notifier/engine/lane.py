"""What a worker knows of one endpoint that it alone sends to."""

from __future__ import annotations

from asyncio import TimerHandle
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from services.notifier.domain.breaker import Breaker
from services.notifier.domain.budget import Budget
from services.notifier.domain.delivery import Answer, Delivery
from services.notifier.domain.narrowing import PAYLOAD_VERSIONS
from services.notifier.engine.signer import Signer
from services.notifier.repository.destinations import Destination
from services.notifier.repository.due import Place

BEGINNING: Place = (datetime(1970, 1, 1, tzinfo=UTC), "")
AT_FIRST, AT_MOST = 8, 128
"""How many deliveries are found at once: more, the faster an endpoint takes them."""


class Item(NamedTuple):
    """A delivery in hand; `found_at` is by the monotonic clock, as all moments of a lane are."""

    delivery: Delivery
    body: bytes
    found_at: float


class Lane:
    """An endpoint's deliveries in hand, and how it is doing; nothing of it has to last."""

    def __init__(self, endpoint_id: str) -> None:
        self.endpoint_id = endpoint_id
        self.destination: Destination | None = None
        self.signer: Signer | None = None
        self.waiting: deque[Item] = deque()
        self.flying = 0
        self.held: set[str] = set()
        """Deliveries in hand, until what came of them is kept."""
        self.busy: set[str] = set()
        """Their subjects (ordering keys), where the terms go by subject."""
        self.breaker = Breaker()
        self.budget = Budget()
        self.failing = False
        self.closing: str | None = None
        """The delivery that was answered with 410, until the endpoint is disabled for it."""
        self.next_at = 0.0
        self.used_at = 0.0
        self.broken_until = 0.0
        self.timer: TimerHandle | None = None
        self.most = AT_FIRST
        self.place = BEGINNING
        self.more = True
        """Whether there may be something due that isn't in hand."""
        self._hinted = False
        self._let_go: set[str] | None = None
        """While a look goes on, what was let go since: it may be found as it was before."""

    @property
    def idle(self) -> bool:
        """Tell whether it could be anybody's again."""
        return not (self.held or self.flying or self.more)

    @property
    def by_subject(self) -> bool:
        """Tell whether a subject has one delivery in flight at the most."""
        return self.destination is not None and self.destination.terms.by_subject

    @property
    def payload_version(self) -> int:
        """Say of which version its bodies are; known once its destination is."""
        return self.destination.payload_version if self.destination else PAYLOAD_VERSIONS[-1]

    def window(self, usual: int) -> int:
        """Say how many may be in flight: one while it fails, so that no more can hang."""
        if self.failing or self.breaker.tripped or self.destination is None:
            return 1
        return self.destination.terms.window or usual

    def ready_at(self, now: float) -> float:
        """Say when the next one may be sent, by its rate and its breaker."""
        if not self.breaker.lets_through(now):
            return self.breaker.closed_until
        return max(now, self.next_at)

    def take(self, now: float) -> Item:
        """Take the next one out, to send it."""
        if self.destination is not None and (rate := self.destination.terms.rate_per_second):
            self.next_at = max(now, self.next_at) + 1 / rate
        self.flying += 1
        self.used_at = now
        return self.waiting.popleft()

    def heed(self, delivery: Delivery, answer: Answer, now: float, longest: float) -> None:
        """Have what is sent next bear in mind what came of this, before that is kept.

        `longest` is for how many seconds its breaker may stay open.
        """
        if answer.taken:
            self.breaker = self.breaker.succeeded()
            return
        self.breaker = self.breaker.failed(now, longest)
        self.failing = True
        if answer.gone:
            self.closing = delivery.id

    def hint(self, *, again: bool = False) -> None:
        """Note that something may have been queued, `again`: before what was looked at, even."""
        self.more = self._hinted = True
        if again:
            self.place = BEGINNING

    def looking(self) -> None:
        """Begin a look: hints from now on are about the next one."""
        self.more, self._let_go = False, set()
        if self.place == BEGINNING:
            self._hinted = False

    def looked(self, found: list[Delivery], *, full: bool) -> None:
        """End a look: on from there if there may be more, else from the beginning once hinted."""
        if full:
            last = found[-1]
            self.place, self.more = (last.due_at, last.id), True
            self.most = min(self.most * 2, AT_MOST)
        else:
            self.place, self.more = BEGINNING, self.more or self._hinted

    def hold_found(self, items: Iterable[Item]) -> None:
        """Take in hand what a look found, but for what was handed over, sent and kept meanwhile."""
        let_go, self._let_go = self._let_go or (), None
        for item in items:
            if item.delivery.id in let_go:
                self.hint()
            else:
                self.hold(item)

    def hold(self, item: Item) -> None:
        """Take a delivery in hand, unless it is."""
        if item.delivery.id in self.held:
            return
        self.held.add(item.delivery.id)
        if self.by_subject and item.delivery.ordering_key is not None:
            self.busy.add(item.delivery.ordering_key)
        self.waiting.append(item)

    def release(self, delivery: Delivery) -> None:
        """Let go of a delivery: what came of it is kept, or it is to be found again."""
        self.held.discard(delivery.id)
        if self._let_go is not None:
            self._let_go.add(delivery.id)
        if self.closing == delivery.id:
            self.closing = None
        if delivery.ordering_key is not None and delivery.ordering_key in self.busy:
            self.busy.discard(delivery.ordering_key)
            self.hint()  # what is behind it may go now

    def forget(self) -> None:
        """Drop what isn't in flight, since it may have changed; it is found again."""
        for item in self.waiting:
            self.release(item.delivery)
        self.waiting.clear()
        self.place, self.most = BEGINNING, AT_FIRST
        self.hint()
