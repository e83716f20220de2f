"""What became of a file of rate cards, as it is shown."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from services.quote.domain.sheet import Outcome
from services.quote.handlers.importing import Report

MAX_SHOWN = 1000


class CardOutcome(BaseModel):
    """What became of a card, or would have."""

    service: str = Field(examples=["detailing"])
    workshop_id: str | None
    outcome: Outcome


class RefusedRow(BaseModel):
    """Why a row isn't taken over; `line` counts the file's from 1, its heading."""

    line: int = Field(examples=[3])
    column: str | None = Field(examples=["hourly_rate"])
    code: str = Field(examples=["too-precise"])
    message: str


class ImportReport(BaseModel):
    """What became of a file, or would have; the first 1,000 refusals of `refusals` are shown."""

    dry_run: bool
    rows: Annotated[int, Field(description="Rows read, without the heading.")]
    cards: list[CardOutcome]
    refusals: int
    refused: list[RefusedRow]

    @classmethod
    def of(cls, report: Report) -> ImportReport:
        """Show a report."""
        return cls(
            dry_run=report.dry_run,
            rows=report.rows,
            cards=[
                CardOutcome(service=service, workshop_id=workshop_id, outcome=outcome)
                for (service, workshop_id), outcome in report.outcomes.items()
            ],
            refusals=len(report.refused),
            refused=[
                RefusedRow(line=each.line, column=each.column, code=each.code, message=each.message)
                for each in report.refused[:MAX_SHOWN]
            ],
        )
