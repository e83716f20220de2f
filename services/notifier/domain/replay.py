"""A replay: events of an endpoint's sent again, as fast as its owner wishes and no faster."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

MAX_EVENTS = 100_000
"""How many events one replay may have."""

DEFAULT_RATE = 10
MAX_RATE = 100
"""Events a second; so many are on their way at once, too."""


class ReplayStatus(StrEnum):
    """Where a replay stands."""

    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"


class StoppedReason(StrEnum):
    """Why a replay ended early."""

    ASKED = "asked"
    ENDPOINT_DISABLED = "endpoint-disabled"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which events: all that the endpoint asks for, narrowed by what isn't None.

    `types` are patterns, times are those of the events, the subject is a quote's, an order's or a
    booking's id.
    """

    types: tuple[str, ...] | None = None
    subject: str | None = None
    vin: str | None = None
    workshop_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Replay:
    """`total` was counted at the start, `queued` counts up to it; `position` is the last event's.

    Events after `until_position` came later, and are none of its.
    """

    id: str
    partner_id: str
    endpoint_id: str
    chosen: Chosen
    rate: int
    status: ReplayStatus
    total: int
    until_position: int
    due_at: datetime
    created_at: datetime
    queued: int = 0
    position: int = 0
    reason: StoppedReason | None = None
    finished_at: datetime | None = None


def went_on(replay: Replay, queued: int, position: int, due_at: datetime) -> Replay:
    """Note that so many more events were queued, up to this position."""
    return replace(replay, queued=replay.queued + queued, position=position, due_at=due_at)


def finished(replay: Replay, now: datetime) -> Replay:
    """Note that all was sent, or given up."""
    return replace(replay, status=ReplayStatus.FINISHED, finished_at=now)


def stopped(replay: Replay, reason: StoppedReason, now: datetime) -> Replay:
    """End it early; nothing happens to one that has ended already."""
    if replay.status is not ReplayStatus.RUNNING:
        return replay
    return replace(replay, status=ReplayStatus.STOPPED, reason=reason, finished_at=now)
