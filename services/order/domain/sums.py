"""The sums of lines with a price and a tax each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from shared.money import Money, total


class _Priced(Protocol):
    @property
    def price(self) -> Money: ...
    @property
    def tax(self) -> Money: ...


class _Lined(Protocol):
    @property
    def lines(self) -> Sequence[_Priced]: ...
    @property
    def currency(self) -> str: ...


class Summed:
    """What has lines in one currency costs what they do; nothing is rounded anew."""

    __slots__ = ()

    @property
    def subtotal(self: _Lined) -> Money:
        """Sum the lines before tax."""
        return total((line.price for line in self.lines), self.currency)

    @property
    def tax(self: _Lined) -> Money:
        """Sum the lines' tax."""
        return total((line.tax for line in self.lines), self.currency)

    @property
    def total(self: _Lined) -> Money:
        """Sum the lines, tax included."""
        return total((line.price + line.tax for line in self.lines), self.currency)
