"""Deliveries: what is asked of them, and how they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, StringConstraints
from sqlalchemy import RowMapping

from services.notifier.domain.delivery import DeliveryStatus
from shared.inputs import Body
from shared.pages import PageQuery


class TestInput(Body):
    """Which type's example to send; without it, the first that the endpoint asks for."""

    type: Annotated[str, StringConstraints(max_length=100)] | None = None


class DeliveryQuery(PageQuery):
    """Which page of which deliveries is asked for."""

    status: DeliveryStatus | None = None


class AttemptOut(BaseModel):
    """What came of one attempt; `answer` is the beginning (20 kB) of what the receiver said."""

    id: str
    started_at: datetime
    duration_ms: int
    status: int | None
    error: str | None
    answer: str


class DeliveryOut(BaseModel):
    """One event on its way to one endpoint."""

    id: str
    endpoint_id: str
    event_id: str
    event_type: str
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
