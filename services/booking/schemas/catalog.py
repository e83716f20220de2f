"""A workshop's catalog of services."""

from __future__ import annotations

from typing import Annotated

from pydantic import (
    BaseModel,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from services.booking import outgoing
from services.booking.domain.workshop import (
    CatalogService,
    Category,
    Cost,
    NotARange,
    Offer,
)
from services.booking.schemas.values import Duration, ServiceCategory
from shared.contracts.booking import CostRange
from shared.contracts.common import Amount
from shared.inputs import Body, Line, MoneyInput

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$")]


class CostRangeInput(Body):
    """What a service costs, from the lower to the higher amount."""

    low: MoneyInput
    high: MoneyInput

    @model_validator(mode="after")
    def _is_a_range(self) -> CostRangeInput:
        self.cost()
        return self

    def cost(self) -> Cost:
        """Read it as the domain knows it."""
        try:
            return Cost(self.low.money(), self.high.money())
        except NotARange as wrong:
            raise PydanticCustomError("not-a-range", "{why}", {"why": str(wrong)}) from None


class ServiceInput(Body):
    """A service that the workshop offers, at one price or within a range."""

    code: Annotated[Code, Field(examples=["oil"])]
    title: Annotated[Line, Field(examples=["Oil change"])]
    category: ServiceCategory
    duration: Duration
    cost: MoneyInput | None = None
    cost_range: CostRangeInput | None = None
    icon: Line | None = None
    colour: Annotated[Colour | None, Field(examples=["#1f6feb"])] = None

    @field_validator("cost_range")
    @classmethod
    def _instead_of_cost(
        cls, value: CostRangeInput | None, info: ValidationInfo
    ) -> CostRangeInput | None:
        if value is not None and info.data.get("cost") is not None:
            raise PydanticCustomError("one-or-the-other", "Give cost or cost_range, not both.")
        return value

    def offer(self) -> Offer:
        """Read it as the domain knows it."""
        return Offer(
            code=self.code,
            title=self.title,
            category=self.category,
            duration=self.duration,
            cost=self._cost(),
            icon=self.icon,
            colour=self.colour,
        )

    def _cost(self) -> Cost | None:
        if self.cost is not None:
            return Cost(self.cost.money(), self.cost.money())
        return self.cost_range.cost() if self.cost_range else None


class ServiceOut(BaseModel):
    """A service that a workshop offers."""

    id: str
    workshop_id: str
    code: str
    title: str
    category: Category
    duration: str
    cost: Amount | None
    cost_range: CostRange | None
    icon: str | None
    colour: str | None

    @classmethod
    def of(cls, service: CatalogService) -> ServiceOut:
        """Show a service."""
        offer = service.offer
        return cls(
            id=service.id,
            workshop_id=service.workshop_id,
            code=offer.code,
            title=offer.title,
            category=offer.category,
            duration=outgoing.iso8601(offer.duration),
            cost=outgoing.fixed(offer.cost),
            cost_range=outgoing.ranging(offer.cost),
            icon=offer.icon,
            colour=offer.colour,
        )
