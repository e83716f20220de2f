"""What a line was priced by, as it is kept in its row."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from services.quote.domain.basis import Basis
from shared.money import Money, Rounding


def row(basis: Basis) -> dict[str, Any]:
    """Write it as JSON."""
    return {
        "labour_hours": str(basis.labour_hours),
        "hourly_rate": basis.hourly_rate.amount,
        "rounding": basis.rounding,
        "tax_rate": str(basis.tax_rate),
        "tax_rounding": basis.tax_rounding,
        "country": basis.country,
        "card_id": basis.card_id,
        "card_version": basis.card_version,
    }


def read(kept: dict[str, Any], currency: str) -> Basis:
    """Read it back."""
    return Basis(
        labour_hours=Decimal(kept["labour_hours"]),
        hourly_rate=Money(kept["hourly_rate"], currency),
        rounding=Rounding(kept["rounding"]),
        tax_rate=Decimal(kept["tax_rate"]),
        tax_rounding=Rounding(kept["tax_rounding"]),
        country=kept["country"],
        card_id=kept["card_id"],
        card_version=kept["card_version"],
    )
