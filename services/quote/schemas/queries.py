"""Which rate cards are asked for; what isn't known is refused.

A `workshop_id` that is misspelt would mean the general rates.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.quote.schemas.values import VersionCursor
from shared.ids import Id
from shared.inputs import UtcMoment
from shared.pages import DEFAULT_LIMIT, MAX_LIMIT


class RateCardQuery(BaseModel):
    """Whose rates."""

    model_config = ConfigDict(extra="forbid")

    workshop_id: Annotated[
        Id | None, Field(description="Whose own rates; without it, the general ones.")
    ] = None


class RatesQuery(RateCardQuery):
    """Whose rates, and when."""

    at: Annotated[
        UtcMoment | None, Field(description="In force at this moment; now without it.")
    ] = None


class HistoryQuery(RateCardQuery):
    """Whose rates, and which page of their versions."""

    cursor: Annotated[VersionCursor | None, Field(max_length=200)] = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT


class ImportQuery(BaseModel):
    """How a file is taken over."""

    model_config = ConfigDict(extra="forbid")

    dry_run: Annotated[bool, Field(description="Report, and change nothing.")] = False
    skip_refused: Annotated[bool, Field(description="Leave out cards that have a refused row.")] = (
        False
    )
