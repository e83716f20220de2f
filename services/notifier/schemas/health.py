"""What an endpoint missed, and how it does, as they are shown."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import RowMapping

from services.notifier.domain.delivery import DeliveryStatus
from services.notifier.handlers.health import Usage
from services.notifier.schemas.values import require_in_order
from shared.inputs import UtcMoment
from shared.pages import PageQuery

Period = Literal["hour", "day"]


class GapQuery(PageQuery):
    """Which time, by receipt: the last seven days unless it says otherwise."""

    since: UtcMoment | None = None
    until: UtcMoment | None = None

    @model_validator(mode="after")
    def _in_order(self) -> GapQuery:
        require_in_order(self.since, self.until)
        return self


class UsageQuery(BaseModel):
    """Which time until now."""

    model_config = ConfigDict(extra="forbid")

    period: Period = "day"


class MissingEvent(BaseModel):
    """An event that wasn't delivered; without a delivery it was never queued."""

    event_id: str
    type: str
    sequence: int
    delivery_id: str | None
    status: DeliveryStatus | None


class Gap(BaseModel):
    """A subject of which the endpoint wasn't told everything."""

    subject: str
    missing: list[MissingEvent]

    @classmethod
    def of(cls, row: RowMapping) -> Gap:
        """Show a subject and what is missing of it."""
        return cls.model_validate({"subject": row["subject"], "missing": row["missing"]})


class DeliveryCounts(BaseModel):
    """Deliveries made in the time, by where they stand now."""

    queued: int
    delivered: int
    exhausted: int
    canceled: int
    superseded: int
    expired: int


class AttemptCounts(BaseModel):
    """Attempts in the time; `success_rate` from 0 to 1, durations in milliseconds."""

    attempts: int
    taken: int
    success_rate: Annotated[float | None, Field(ge=0, le=1)]
    p50_ms: int | None
    p95_ms: int | None


class UsageOut(BaseModel):
    """How an endpoint does, of its newest 100,000 deliveries at the most.

    Attempts count of deliveries that were made in the time or a day and a half before it.
    """

    period: Period
    since: datetime
    deliveries: DeliveryCounts
    attempts: AttemptCounts

    @classmethod
    def of(cls, used: Usage) -> UsageOut:
        """Show what was counted."""
        tried, taken = used.attempts["attempts"], used.attempts["taken"]
        rate = round(taken / tried, 4) if tried else None
        return cls.model_validate(
            {
                "period": used.period,
                "since": used.since,
                "deliveries": dict(used.deliveries),
                "attempts": {**used.attempts, "success_rate": rate},
            }
        )
