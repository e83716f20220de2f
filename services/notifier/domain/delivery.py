"""A delivery: one event on its way to one endpoint.

What is made anew for each of them is a named tuple: a frozen dataclass of as many fields takes
eight times as long to make.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from services.notifier.domain.schedule import wait_after


class DeliveryStatus(StrEnum):
    """Where a delivery stands."""

    QUEUED = "queued"
    DELIVERED = "delivered"
    EXHAUSTED = "exhausted"
    CANCELED = "canceled"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"


class DeliveryAction(StrEnum):
    """What may happen to a delivery."""

    DELIVER = "deliver"
    POSTPONE = "postpone"
    EXHAUST = "exhaust"
    CANCEL = "cancel"
    SUPERSEDE = "supersede"
    EXPIRE = "expire"
    RETRY = "retry"


OWN_TYPES = frozenset({"endpoint.disabled", "endpoint.failing", "delivery.exhausted"})
"""Types told by this service itself: failing to deliver one must not beget another."""

_S, _A = DeliveryStatus, DeliveryAction

TRANSITIONS: dict[tuple[DeliveryStatus, DeliveryAction], tuple[DeliveryStatus, str | None]] = {
    (_S.QUEUED, _A.DELIVER): (_S.DELIVERED, None),
    (_S.QUEUED, _A.POSTPONE): (_S.QUEUED, None),
    (_S.QUEUED, _A.EXHAUST): (_S.EXHAUSTED, "delivery.exhausted"),
    (_S.QUEUED, _A.CANCEL): (_S.CANCELED, None),
    (_S.QUEUED, _A.SUPERSEDE): (_S.SUPERSEDED, None),
    (_S.QUEUED, _A.EXPIRE): (_S.EXPIRED, None),
    (_S.QUEUED, _A.RETRY): (_S.QUEUED, None),
    (_S.DELIVERED, _A.RETRY): (_S.QUEUED, None),
    (_S.EXHAUSTED, _A.RETRY): (_S.QUEUED, None),
    (_S.CANCELED, _A.RETRY): (_S.QUEUED, None),
    (_S.SUPERSEDED, _A.RETRY): (_S.QUEUED, None),
    (_S.EXPIRED, _A.RETRY): (_S.QUEUED, None),
}


class Sent(NamedTuple):
    """What came of one request: the answer's status and beginning, or why there is none."""

    status: int | None
    duration_ms: int
    answer: bytes = b""
    error: str | None = None
    retry_after: str | None = None


class Answer(NamedTuple):
    """What an attempt means for its delivery: a status, if there was one, and a wish."""

    status: int | None
    retry_after: timedelta | None = None

    @property
    def taken(self) -> bool:
        """Tell whether the receiver took it."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """Tell whether the receiver wants nothing more, ever."""
        return self.status == 410


class Delivery(NamedTuple):
    """`failures` counts since it was queued last, `attempts` all; `sequence` its own events.

    What it is ordered by is there where the endpoint's terms go by subject.
    """

    id: str
    status: DeliveryStatus
    partner_id: str
    endpoint_id: str
    event_id: str
    event_type: str
    due_at: datetime
    attempts: int = 0
    failures: int = 0
    last_status: int | None = None
    finished_at: datetime | None = None
    sequence: int = 0
    replay_id: str | None = None
    ordering_key: str | None = None
    ordering_sequence: int | None = None
    expires_at: datetime | None = None

    def is_late(self, now: datetime) -> bool:
        """Tell whether it isn't worth sending any more."""
        return self.expires_at is not None and now >= self.expires_at


@dataclass(frozen=True, slots=True)
class DeliveryExhausted:
    """The last retry failed."""

    delivery: Delivery


def attempted(
    delivery: Delivery,
    answer: Answer,
    now: datetime,
    schedule: Sequence[timedelta],
    jitter: float,
    patience: timedelta = timedelta(),
) -> tuple[Delivery, tuple[DeliveryExhausted, ...]]:
    """Settle a queued delivery after an attempt: delivered, due again later, or exhausted.

    `patience` is how much later than planned its endpoint's retry budget has it come back.
    """
    tried: dict[str, Any] = {"attempts": delivery.attempts + 1, "last_status": answer.status}
    if answer.taken:
        return _finished(delivery, DeliveryAction.DELIVER, now, **tried), ()
    failed = delivery._replace(failures=delivery.failures + 1, **tried)
    wait = wait_after(failed.failures, schedule, jitter, answer.retry_after)
    if wait is not None:
        postponed = failed._replace(due_at=now + wait + patience)
        if postponed.is_late(postponed.due_at):
            return _finished(postponed, DeliveryAction.EXPIRE, now), ()
        return postponed, ()
    exhausted = _finished(failed, DeliveryAction.EXHAUST, now)
    if exhausted.event_type in OWN_TYPES:
        return exhausted, ()
    told = exhausted._replace(sequence=exhausted.sequence + 1)
    return told, (DeliveryExhausted(told),)


def expired(delivery: Delivery, now: datetime) -> Delivery:
    """Give up a queued delivery that comes too late to be of use."""
    return _finished(delivery, DeliveryAction.EXPIRE, now)


def canceled(delivery: Delivery, now: datetime) -> Delivery:
    """Give up a queued delivery because its endpoint is no longer sent to."""
    if (delivery.status, DeliveryAction.CANCEL) not in TRANSITIONS:
        return delivery
    return _finished(delivery, DeliveryAction.CANCEL, now)


def retried(delivery: Delivery, now: datetime) -> Delivery:
    """Send again now, with the whole schedule before it: who asks wants it, however late."""
    status, _ = TRANSITIONS[delivery.status, DeliveryAction.RETRY]
    return delivery._replace(
        status=status, due_at=now, failures=0, finished_at=None, expires_at=None
    )


def _finished(delivery: Delivery, action: DeliveryAction, now: datetime, **tried: Any) -> Delivery:
    status, _ = TRANSITIONS[delivery.status, action]
    return delivery._replace(status=status, finished_at=now, **tried)
