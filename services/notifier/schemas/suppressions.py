"""Addresses that are not there, as they are shown."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel
from sqlalchemy import RowMapping

from services.notifier.handlers.suppressions import Taken


class SuppressionOut(BaseModel):
    """An address that isn't written to: a server refused it, or a mail came back from it."""

    address: str
    reason: Literal["refused", "bounced"]
    detail: str
    created_at: datetime

    @classmethod
    def of(cls, row: RowMapping) -> SuppressionOut:
        """Show one."""
        return cls.model_validate(dict(row))


class BounceOut(BaseModel):
    """What a notification said of one recipient, and whether it is suppressed for it."""

    address: str
    status: str
    suppressed: bool


class ReportOut(BaseModel):
    """What was made of a notification."""

    event_id: str | None
    bounces: list[BounceOut]

    @classmethod
    def of(cls, taken: Taken) -> ReportOut:
        """Show it."""
        bounces = [
            BounceOut(
                address=each.address,
                status=each.status,
                suppressed=each.address in taken.suppressed,
            )
            for each in taken.report.bounces
        ]
        return cls(event_id=taken.report.event_id, bounces=bounces)
