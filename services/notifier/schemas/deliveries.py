"""Deliveries: what is asked of them, and how they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import RowMapping

from services.notifier.domain.delivery import DeliveryStatus
from services.notifier.handlers.deliveries import Again
from services.notifier.repository.searching import RETRIED_AT_ONCE, Wanted
from services.notifier.schemas.values import Reference, Vin, require_in_order
from shared.inputs import Body, UtcMoment
from shared.pages import PageQuery


class TestInput(Body):
    """Which type's example to send; without it, the first that the endpoint asks for."""

    type: Annotated[str, StringConstraints(max_length=100)] | None = None


class RetryInput(Body):
    """Which deliveries to send again: these, or all that were exhausted or canceled since then."""

    delivery_ids: Annotated[list[Reference] | None, Field(min_length=1, max_length=100)] = None
    since: UtcMoment | None = None

    @model_validator(mode="after")
    def _says_which(self) -> RetryInput:
        if (self.delivery_ids is None) == (self.since is None):
            raise PydanticCustomError("one-of", "Give either `delivery_ids` or `since`.")
        return self

    def asked(self) -> Again:
        """Read it as the handlers know it."""
        return Again(self.delivery_ids, self.since)


class RetriedOut(BaseModel):
    """How many are sent again; there may be more when it is as many as one call takes."""

    retried: int
    more: bool

    @classmethod
    def of(cls, retried: int) -> RetriedOut:
        """Show how many."""
        return cls(retried=retried, more=retried == RETRIED_AT_ONCE)


class DeliveryQuery(PageQuery):
    """Which page of which deliveries is asked for; times are those of their making."""

    status: DeliveryStatus | None = None
    event_type: Annotated[str, StringConstraints(max_length=100)] | None = None
    event_id: Reference | None = None
    subject: Reference | None = None
    vin: Vin | None = None
    replay_id: Reference | None = None
    since: UtcMoment | None = None
    until: UtcMoment | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        require_in_order(self.since, self.until)
        return self

    def wanted(self) -> Wanted:
        """Read it as the handlers know it."""
        return Wanted(**self.model_dump(exclude={"limit", "cursor"}))


class AttemptQuery(DeliveryQuery):
    """Which page of the attempts of which deliveries; `failed` leaves out those that were taken."""

    failed: bool = False

    def wanted(self) -> Wanted:
        """Read it as the handlers know it."""
        return Wanted(**self.model_dump(exclude={"limit", "cursor", "failed"}))


class AttemptFound(BaseModel):
    """One attempt, and what it was about; its answer is in the delivery."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    delivery_id: str
    event_id: str
    event_type: str
    subject: str
    sequence: int
    replay_id: str | None
    started_at: datetime
    duration_ms: int
    status: int | None
    error: str | None


class AttemptOut(BaseModel):
    """What came of one attempt; `answer` is the beginning (20 kB) of what the receiver said."""

    id: str
    started_at: datetime
    duration_ms: int
    status: int | None
    error: str | None
    answer: str


class DeliveryOut(BaseModel):
    """One event on its way to one endpoint; `subject` and `sequence` are the event's."""

    id: str
    endpoint_id: str
    event_id: str
    event_type: str
    subject: str
    sequence: int
    replay_id: str | None
    status: DeliveryStatus
    attempt_count: int
    last_status: int | None
    next_attempt_at: datetime | None
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, row: RowMapping) -> DeliveryOut:
        """Show a delivery."""
        queued = row["status"] == DeliveryStatus.QUEUED
        return cls.model_validate(
            {
                **row,
                "sequence": row["event_sequence"],
                "attempt_count": row["attempts"],
                "next_attempt_at": row["due_at"] if queued else None,
            }
        )


class DeliveryWithAttempts(DeliveryOut):
    """A delivery, and the last hundred attempts, oldest first."""

    attempts: list[AttemptOut]

    @classmethod
    def with_attempts(cls, row: RowMapping, tried: Sequence[RowMapping]) -> DeliveryWithAttempts:
        """Show a delivery and what was tried."""
        shown = [
            {**each, "answer": bytes(each["answer"]).decode(errors="replace")} for each in tried
        ]
        return cls.model_validate({**DeliveryOut.of(row).model_dump(), "attempts": shown})
