"""The HTTP face of taxes."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field

from services.quote.domain.tax import Tax
from services.quote.schemas.values import EndOfPeriod, TaxRate
from shared.inputs import Body, UtcMoment
from shared.money import Rounding

MAX_TAXES = 20


class TaxInput(Body):
    """A tax for a time, as a fraction (0.15 for 15%); `valid_until` is no longer in it."""

    tax_rate: TaxRate
    rounding: Rounding = Rounding.HALF_UP
    valid_from: UtcMoment | None = None
    valid_until: EndOfPeriod | None = None


class TaxesInput(Body):
    """A country's taxes, one at a time; with none, rates' own taxes hold there."""

    taxes: Annotated[list[TaxInput], Field(max_length=MAX_TAXES)]

    def of(self, country: str) -> list[Tax]:
        """Read them as the domain knows them."""
        return [
            Tax(country, tax.tax_rate, tax.rounding, tax.valid_from, tax.valid_until)
            for tax in self.taxes
        ]


class TaxOut(BaseModel):
    """A country's tax for a time."""

    country: str
    tax_rate: Decimal
    rounding: Rounding
    valid_from: datetime | None
    valid_until: datetime | None


class TaxesOut(BaseModel):
    """Taxes, in the order of country and time."""

    data: list[TaxOut]

    @classmethod
    def of(cls, taxes: list[Tax]) -> TaxesOut:
        """Show taxes."""
        return cls(
            data=[
                TaxOut(
                    country=tax.country,
                    tax_rate=tax.rate,
                    rounding=tax.rounding,
                    valid_from=tax.valid_from,
                    valid_until=tax.valid_until,
                )
                for tax in taxes
            ]
        )
