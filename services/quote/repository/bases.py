"""What a line was priced by, as it is kept in its row."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from services.quote.domain.basis import Basis
from services.quote.domain.tax import Tax
from shared.money import Money, Rounding


def row(basis: Basis) -> dict[str, Any]:
    """Write it as JSON."""
    return {
        "labour_hours": str(basis.labour_hours),
        "hourly_rate": basis.hourly_rate.amount,
        "rounding": basis.rounding,
        "taxes": [_tax_row(tax) for tax in basis.taxes],
        "card_id": basis.card_id,
        "card_version": basis.card_version,
    }


def read(kept: dict[str, Any], currency: str) -> Basis:
    """Read it back."""
    return Basis(
        labour_hours=Decimal(kept["labour_hours"]),
        hourly_rate=Money(kept["hourly_rate"], currency),
        rounding=Rounding(kept["rounding"]),
        taxes=tuple(map(_tax, kept["taxes"])),
        card_id=kept["card_id"],
        card_version=kept["card_version"],
    )


def _tax_row(tax: Tax) -> dict[str, Any]:
    return {
        "name": tax.name,
        "rate": str(tax.rate),
        "rounding": tax.rounding,
        "jurisdiction": tax.jurisdiction,
    }


def _tax(kept: dict[str, Any]) -> Tax:
    rate, rounding = Decimal(kept["rate"]), Rounding(kept["rounding"])
    return Tax(kept["name"], rate, rounding, kept["jurisdiction"])
