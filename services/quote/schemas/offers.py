"""A person's prices, by HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import (
    AfterValidator,
    Field,
    WithJsonSchema,
    field_validator,
)
from pydantic_core import PydanticCustomError

from services.quote.domain.pricing import Offer
from services.quote.schemas.rates import UnitPrice
from services.quote.schemas.values import TaxRate
from shared.ids import Id
from shared.inputs import Body, IsoDuration, Line, whole_minutes
from shared.money import Rounding

Duration = Annotated[
    IsoDuration,
    AfterValidator(whole_minutes(timedelta(days=60), "60 days")),
    WithJsonSchema({"type": "string", "format": "duration", "examples": ["PT2H30M"]}),
]
"""How long something takes, in ISO 8601."""


class PriceInput(UnitPrice):
    """What one unit of a line costs, as a rate card would say it: the line is its quantity of that.

    `duration` is the whole line's, and that of its labour hours when nothing is said. `tax_rate`
    is a fraction (0.10 for 10%); without it, the taxes of the workshop's region or country are
    levied, as on what a rate card prices.
    """

    tax_rate: TaxRate | None = None
    description: Line | None = None
    duration: Duration | None = None

    def offer(self) -> Offer:
        """Read it as the domain knows it; the quote's own rounding goes before."""
        rate = self.unit("", "", Rounding.HALF_UP, self.tax_rate or Decimal(0))
        own_tax = self.tax_rate is not None
        return Offer(replace(rate, own_tax=own_tax), self.description, self.duration)


class LinePrice(PriceInput):
    """The price of one of the quote's lines."""

    item_id: Id


class Prices(Body):
    """The prices of all lines that have none."""

    items: Annotated[list[LinePrice], Field(min_length=1, max_length=50)]

    @field_validator("items")
    @classmethod
    def _each_once(cls, items: list[LinePrice]) -> list[LinePrice]:
        if len({item.item_id for item in items}) < len(items):
            raise PydanticCustomError("repeated", "There is a line with two prices.")
        return items

    def offers(self) -> dict[str, Offer]:
        """Read them as the domain knows them, by the lines' ids."""
        return {item.item_id: item.offer() for item in self.items}
