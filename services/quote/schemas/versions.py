"""The versions of a quote, by HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import Row

from services.quote.domain.request import FAULT, Asked, Request
from services.quote.handlers.revising import Line, Revision
from services.quote.schemas.items import FaultInput
from services.quote.schemas.offers import PriceInput
from services.quote.schemas.values import ServiceCode
from shared.contracts import QuoteV1
from shared.contracts.common import Amount
from shared.ids import Id
from shared.inputs import Body, Paragraph, UtcMoment

MAX_ITEMS = 50


class RevisedItem(Body):
    """A line of the next version: one that stands, by its `item_id`, a service, or a fault.

    Of one that stands, what isn't given stays. `price` is the workshop's to give; without, a line
    has the rate of today, or what a person offered for this quantity.
    """

    item_id: Id | None = None
    fault: FaultInput | None = None
    service: Annotated[ServiceCode | None, Field(validate_default=True, examples=["detailing"])] = (
        None
    )
    quantity: Annotated[int, Field(ge=1, le=100)] | None = None
    notes: Paragraph | None = None
    price: PriceInput | None = None

    @field_validator("service")
    @classmethod
    def _one_of_three(cls, service: str | None, info: ValidationInfo) -> str | None:
        if not {"item_id", "fault"} <= info.data.keys():
            return service
        given = [each for each in (info.data["item_id"], info.data["fault"], service) if each]
        if not given:
            raise PydanticCustomError("missing", "Name a service, a fault, or a line by item_id.")
        if len(given) > 1:
            raise PydanticCustomError("not-both", "Name a service, a fault or a line; only one.")
        return service

    def line(self) -> Line:
        """Read it as the handler knows it."""
        fault = self.fault.fault() if self.fault else None
        asked = Asked(self.service or FAULT, self.quantity or 1, self.notes, fault)
        offer = self.price.offer() if self.price else None
        return Line(self.item_id, asked, self._changed, offer)

    def _changed(self, stands: Asked) -> Asked:
        quantity = self.quantity or stands.quantity
        notes = self.notes if "notes" in self.model_fields_set else stands.notes
        return replace(stands, quantity=quantity, notes=notes)


class NewVersion(Body):
    """The next version of a quote: all its lines, in their order. A line not named is dropped."""

    items: Annotated[list[RevisedItem], Field(min_length=1, max_length=MAX_ITEMS)]
    needed_by: UtcMoment | None = None
    reason: Paragraph | None = None

    def revision(self) -> Revision:
        """Read it as the handler knows it."""
        return Revision([item.line() for item in self.items], self._changed, self.reason)

    def _changed(self, request: Request) -> Request:
        given = "needed_by" in self.model_fields_set
        return replace(request, needed_by=self.needed_by) if given else request


class VersionSummary(BaseModel):
    """What a version came to; the one that stands has no `superseded_at`."""

    version: int
    status: str
    total: Amount | None
    expires_at: datetime
    reason: str | None
    superseded_at: datetime | None

    @classmethod
    def standing(cls, quote: QuoteV1) -> VersionSummary:
        """Sum up the version that stands."""
        return cls.model_validate(quote.model_dump() | {"superseded_at": None})

    @classmethod
    def past(cls, row: Row[Any]) -> VersionSummary:
        """Sum up one that was superseded."""
        return cls.model_validate(row, from_attributes=True)


class VersionList(BaseModel):
    """All versions of a quote, newest first; 50 at the most."""

    data: list[VersionSummary]


class VersionOut(BaseModel):
    """A version as it was shown until it was superseded, or as it is shown now."""

    version: int
    superseded_at: datetime | None
    quote: QuoteV1
