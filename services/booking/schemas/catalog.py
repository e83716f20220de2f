"""A workshop's catalog of services."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
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
    Kind,
    NotARange,
    Offer,
)
from services.booking.schemas.values import (
    Buffer,
    Duration,
    FewADay,
    NotNull,
    ServiceCategory,
    Skills,
)
from shared.contracts.booking import CostRange
from shared.contracts.common import Amount
from shared.inputs import Body, Line, MoneyInput

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$")]


def _once_each(kinds: tuple[Kind, ...]) -> tuple[Kind, ...]:
    # Every booking has a bay: saying so changes nothing.
    return tuple(kind for kind in Kind if kind in kinds and kind is not Kind.BAY)


Resources = Annotated[
    tuple[Kind, ...],
    Field(max_length=len(Kind), examples=[["technician"]]),
    AfterValidator(_once_each),
]
"""What a service needs besides a bay."""


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


def instead_of_cost(value: CostRangeInput | None, info: ValidationInfo) -> CostRangeInput | None:
    """Refuse a range beside a price."""
    if value is not None and info.data.get("cost") is not None:
        raise PydanticCustomError("one-or-the-other", "Give cost or cost_range, not both.")
    return value


def cost_of(fixed: MoneyInput | None, range_: CostRangeInput | None) -> Cost | None:
    """Read whichever of them is given."""
    if fixed is not None:
        return Cost(fixed.money(), fixed.money())
    return range_.cost() if range_ else None


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
    buffer_before: Buffer = timedelta()
    buffer_after: Buffer = timedelta()
    resources: Resources = ()
    skills: Skills = ()
    daily_limit: FewADay | None = None

    _instead_of_cost = field_validator("cost_range")(instead_of_cost)

    def offer(self) -> Offer:
        """Read it as the domain knows it."""
        return Offer(
            code=self.code,
            title=self.title,
            category=self.category,
            duration=self.duration,
            cost=cost_of(self.cost, self.cost_range),
            icon=self.icon,
            colour=self.colour,
            buffer_before=self.buffer_before,
            buffer_after=self.buffer_after,
            resources=self.resources,
            skills=self.skills,
            daily_limit=self.daily_limit,
        )


class ServiceChange(Body):
    """What shall be different about a service; bookings of it stay as they were made."""

    code: Annotated[Code | None, NotNull] = None
    title: Annotated[Line | None, NotNull] = None
    category: Annotated[ServiceCategory | None, NotNull] = None
    duration: Annotated[Duration | None, NotNull] = None
    cost: MoneyInput | None = None
    cost_range: CostRangeInput | None = None
    icon: Line | None = None
    colour: Colour | None = None
    buffer_before: Annotated[Buffer | None, NotNull] = None
    buffer_after: Annotated[Buffer | None, NotNull] = None
    resources: Annotated[Resources | None, NotNull] = None
    skills: Annotated[Skills | None, NotNull] = None
    daily_limit: FewADay | None = None

    _instead_of_cost = field_validator("cost_range")(instead_of_cost)

    def applied_to(self, offer: Offer) -> Offer:
        """Change an offer; of `cost` and `cost_range`, either takes the other's place."""
        given: dict[str, Any] = {name: getattr(self, name) for name in self.model_fields_set}
        priced = given.keys() & {"cost", "cost_range"}
        if priced:
            for name in priced:
                del given[name]
            given["cost"] = cost_of(self.cost, self.cost_range)
        return replace(offer, **given)


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
    buffer_before: str
    buffer_after: str
    resources: list[Kind]
    skills: list[str]
    daily_limit: int | None

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
            buffer_before=outgoing.iso8601(offer.buffer_before),
            buffer_after=outgoing.iso8601(offer.buffer_after),
            resources=list(offer.resources),
            skills=list(offer.skills),
            daily_limit=offer.daily_limit,
        )
