"""The HTTP face of taxes."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field

from services.quote.domain.tax import Tax
from services.quote.schemas.values import EndOfPeriod, TaxRate
from shared.inputs import Body, Line, UtcMoment
from shared.money import Rounding

MAX_TAXES = 20


class TaxInput(Body):
    """A tax for a time, as a fraction (0.15 for 15%); `valid_until` is no longer in it.

    Each tax that is in force is drawn from a line's price by itself, and rounded by itself.
    """

    name: Annotated[Line, Field(max_length=40, examples=["GST"])] = "Tax"
    tax_rate: TaxRate
    rounding: Rounding = Rounding.HALF_UP
    valid_from: UtcMoment | None = None
    valid_until: EndOfPeriod | None = None


class TaxesInput(Body):
    """A country's or region's taxes: those in force at one time have different names.

    A region without any has its country's; a country without any leaves rates their own taxes. One
    that levies none has a tax of 0.
    """

    taxes: Annotated[list[TaxInput], Field(max_length=MAX_TAXES)]

    def of(self, jurisdiction: str) -> list[Tax]:
        """Read them as the domain knows them."""
        return [
            Tax(
                name=tax.name,
                rate=tax.tax_rate,
                rounding=tax.rounding,
                jurisdiction=jurisdiction,
                valid_from=tax.valid_from,
                valid_until=tax.valid_until,
            )
            for tax in self.taxes
        ]


class TaxOut(BaseModel):
    """A country's tax for a time or, where `region` is named, that region's."""

    country: str | None
    region: str | None
    name: str
    tax_rate: Decimal
    rounding: Rounding
    valid_from: datetime | None
    valid_until: datetime | None


class TaxesOut(BaseModel):
    """Taxes, in the order of country, region and line."""

    data: list[TaxOut]

    @classmethod
    def of(cls, taxes: list[Tax]) -> TaxesOut:
        """Show taxes."""
        return cls(
            data=[
                TaxOut(
                    country=tax.country,
                    region=tax.region,
                    name=tax.name,
                    tax_rate=tax.rate,
                    rounding=tax.rounding,
                    valid_from=tax.valid_from,
                    valid_until=tax.valid_until,
                )
                for tax in taxes
            ]
        )
