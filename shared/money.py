"""Amounts in integer minor units of an ISO 4217 currency, never a float."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from enum import StrEnum


class Rounding(StrEnum):
    """How a fraction of a minor unit is settled; stored with whatever it priced."""

    HALF_UP = "half-up"
    HALF_EVEN = "half-even"
    DOWN = "down"
    UP = "up"


_DECIMAL_MODE = {
    Rounding.HALF_UP: ROUND_HALF_UP,
    Rounding.HALF_EVEN: ROUND_HALF_EVEN,
    Rounding.DOWN: ROUND_DOWN,
    Rounding.UP: ROUND_UP,
}


# Source: ISO 4217, list one. Not CLDR, which Babel has: that says what is in use, and gives 13
# currencies, such as RSD and MGA, fewer decimals than their minor unit has.
_DIGITS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"), 0),
    **dict.fromkeys(("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}


def digits(currency: str) -> int:
    """Tell how many decimals a currency's whole unit has, of which one is its minor unit."""
    return _DIGITS.get(currency, 2)


def whole(amount: int, currency: str) -> Decimal:
    """Write minor units in whole ones, with all decimals: 79650 as `796.50` AUD."""
    return Decimal(amount).scaleb(-digits(currency))


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (cents for AUD, yen for JPY)."""

    amount: int
    currency: str

    def __add__(self, other: Money) -> Money:
        """Add; raises ValueError when the currencies differ."""
        self._same_currency(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        """Subtract; raises ValueError when the currencies differ."""
        self._same_currency(other)
        return Money(self.amount - other.amount, self.currency)

    def times(self, factor: Decimal, rounding: Rounding) -> Money:
        """Multiply by an exact factor and round once, to a whole minor unit."""
        exact = self.amount * factor
        whole = exact.quantize(Decimal(1), rounding=_DECIMAL_MODE[rounding])
        return Money(int(whole), self.currency)

    def _same_currency(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} don't add up")


def total(amounts: Iterable[Money], currency: str) -> Money:
    """Sum in the given currency; zero of it when there is nothing to add."""
    result = 0
    for amount in amounts:
        if amount.currency != currency:
            raise ValueError(f"{currency} and {amount.currency} don't add up")
        result += amount.amount
    return Money(result, currency)
