"""Replays: what is asked of them, and how they are shown."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, model_validator

from services.notifier.domain.replay import (
    DEFAULT_RATE,
    MAX_RATE,
    Chosen,
    ReplayStatus,
    StoppedReason,
)
from services.notifier.handlers.replays import DryRun, Progress
from services.notifier.schemas.values import Patterns, Reference, Vin, require_in_order
from shared.inputs import Body, UtcMoment


class Choice(Body):
    """Which events: all that the endpoint asks for, narrowed by what is given."""

    types: Patterns | None = None
    subject: Annotated[
        Reference | None, Field(description="The id of a quote, an order or a booking")
    ] = None
    vin: Vin | None = None
    workshop_id: Reference | None = None
    since: UtcMoment | None = None
    until: UtcMoment | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Choice:
        require_in_order(self.since, self.until)
        return self

    def chosen(self) -> Chosen:
        """Read it as the handlers know it."""
        return Chosen(
            types=tuple(self.types) if self.types is not None else None,
            subject=self.subject,
            vin=self.vin,
            workshop_id=self.workshop_id,
            since=self.since,
            until=self.until,
        )


class ReplayInput(Choice):
    """A replay, at so many events a second; a dry run sends nothing."""

    rate: Annotated[int, Field(ge=1, le=MAX_RATE)] = DEFAULT_RATE
    dry_run: bool = False


class ChosenEvent(BaseModel):
    """An event that would be sent."""

    id: str
    type: str
    subject: str
    sequence: int
    timestamp: datetime


class DryRunOut(BaseModel):
    """What a replay would send; `events` are the first hundred, in their order."""

    dry_run: bool
    total: int
    rate: int
    estimated_seconds: int
    events: list[ChosenEvent]

    @classmethod
    def of(cls, found: DryRun) -> DryRunOut:
        """Show what was found."""
        events = [
            ChosenEvent(
                id=row["event_id"],
                type=row["type"],
                subject=row["subject"],
                sequence=row["sequence"],
                timestamp=row["time"],
            )
            for row in found.events
        ]
        return cls(
            dry_run=True,
            total=found.total,
            rate=found.rate,
            estimated_seconds=-(-found.total // found.rate),
            events=events,
        )


class ReplayOut(BaseModel):
    """A replay: what was chosen, and what became of it so far."""

    id: str
    endpoint_id: str
    status: ReplayStatus
    reason: StoppedReason | None
    types: list[str] | None
    subject: str | None
    vin: str | None
    workshop_id: str | None
    since: datetime | None
    until: datetime | None
    rate: int
    total: int
    queued: int
    delivered: int
    exhausted: int
    canceled: int
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, progress: Progress) -> ReplayOut:
        """Show a replay."""
        it, chosen, came_to = progress.replay, progress.replay.chosen, progress.came_to
        return cls(
            id=it.id,
            endpoint_id=it.endpoint_id,
            status=it.status,
            reason=it.reason,
            types=None if chosen.types is None else list(chosen.types),
            subject=chosen.subject,
            vin=chosen.vin,
            workshop_id=chosen.workshop_id,
            since=chosen.since,
            until=chosen.until,
            rate=it.rate,
            total=it.total,
            queued=it.queued,
            delivered=came_to.get("delivered", 0),
            exhausted=came_to.get("exhausted", 0),
            canceled=came_to.get("canceled", 0),
            created_at=it.created_at,
            finished_at=it.finished_at,
        )
