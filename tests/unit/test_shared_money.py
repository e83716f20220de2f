"""Money in whole minor units: it adds up, and is rounded once."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.inputs import MAX_AMOUNT
from shared.money import Money, Rounding, total

amounts = st.integers(-MAX_AMOUNT, MAX_AMOUNT)
monies = amounts.map(lambda amount: Money(amount, "AUD"))
factors = st.decimals("0", "100000", places=5)


@given(st.lists(monies))
def test_a_total_is_the_sum_of_its_lines(lines: list[Money]) -> None:
    assert total(lines, "AUD") == Money(sum(line.amount for line in lines), "AUD")


@given(monies, monies)
def test_what_is_added_can_be_taken_away(one: Money, other: Money) -> None:
    assert one + other - other == one


@given(monies, factors, st.sampled_from(Rounding))
def test_a_product_is_within_one_unit_of_the_exact_one(
    money: Money, factor: Decimal, rounding: Rounding
) -> None:
    exact = money.amount * Fraction(factor)
    off = money.times(factor, rounding).amount - exact
    assert abs(off) < 1
    if rounding is Rounding.DOWN:
        assert off == 0 or (off < 0) == (exact > 0)
    elif rounding is Rounding.UP:
        assert off == 0 or (off > 0) == (exact > 0)
    else:
        assert abs(off) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("rounding", "expected"),
    [
        (Rounding.HALF_UP, [1, 2, 3, -1, -2]),
        (Rounding.HALF_EVEN, [0, 2, 2, 0, -2]),
        (Rounding.DOWN, [0, 1, 2, 0, -1]),
        (Rounding.UP, [1, 2, 3, -1, -2]),
    ],
)
def test_how_half_a_unit_is_settled(rounding: Rounding, expected: list[int]) -> None:
    halves = [Money(amount, "AUD").times(Decimal("0.5"), rounding) for amount in (1, 3, 5, -1, -3)]
    assert [money.amount for money in halves] == expected


def test_currencies_do_not_mix() -> None:
    aud, jpy = Money(1, "AUD"), Money(1, "JPY")
    for mix in (lambda: aud + jpy, lambda: aud - jpy, lambda: total([aud, jpy], "AUD")):
        with pytest.raises(ValueError, match="AUD and JPY"):
            mix()
    assert total([], "JPY") == Money(0, "JPY")
