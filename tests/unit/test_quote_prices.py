"""What a line costs, under any rate: it adds up to the cent, and is a multiple of its unit."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.rates import card_of, rate, rates, taxes
from services.quote.domain import basis
from services.quote.domain.rate_card import Rate, duration, price, unit_price
from services.quote.domain.tax import Tax
from services.quote.outgoing.cards import snapshot
from services.quote.outgoing.steps import TIMES, steps
from services.quote.outgoing.values import plain
from shared.money import Money, Rounding

quantities = st.integers(1, 100)


@pytest.mark.seed(1, 4)
@given(rates(levied=taxes()), quantities)
def test_a_line_is_the_sum_of_its_parts_to_the_cent(each: Rate, quantity: int) -> None:
    line = price(each, quantity)
    added = line.labour, line.parts, line.sublet, line.fees, line.tax
    assert line.total.amount == sum(part.amount for part in added) - line.discount.amount
    assert line.total == line.net + line.tax
    assert line.net.amount >= 0


@given(rates(), quantities)
def test_a_line_is_its_unit_price_times_its_quantity(each: Rate, quantity: int) -> None:
    unit = unit_price(each)
    assert price(each, quantity).net.amount == unit.amount * quantity
    assert duration(each, quantity) == duration(each, 1) * quantity


@given(rates(levied=taxes()), quantities)
def test_each_tax_is_rounded_once_on_the_line(each: Rate, quantity: int) -> None:
    line = price(each, quantity)
    apart = [line.net.times(tax.rate, tax.rounding).amount for tax in each.taxes]
    assert line.tax.amount == sum(apart)
    exact = line.net.amount * sum(Fraction(tax.rate) for tax in each.taxes)
    assert abs(line.tax.amount - exact) < len(each.taxes)


@pytest.mark.seed(4)
@pytest.mark.parametrize(
    ("rounding", "labour", "tax"),
    [
        (Rounding.HALF_UP, 3 * 73, 22),  # 0.5 h x 1.45 = 0.725; 10% of 2.19
        (Rounding.HALF_EVEN, 3 * 72, 22),
        (Rounding.DOWN, 3 * 72, 21),
        (Rounding.UP, 3 * 73, 22),
    ],
)
def test_labour_is_rounded_for_a_unit_by_the_cards_policy(
    rounding: Rounding, labour: int, tax: int
) -> None:
    each = rate(labour_hours=Decimal("0.5"), hourly_rate=Money(145, "AUD"), rounding=rounding)
    line = price(each, 3)
    assert (line.labour.amount, line.tax.amount) == (labour, tax)


def test_a_worked_example() -> None:
    each = rate(
        labour_hours=Decimal("4.00"),
        hourly_rate=Money(14500, "AUD"),
        parts=Money(3500, "AUD"),
        sublet=Money(12000, "AUD"),
        fees=Money(500, "AUD"),
        discount=Money(4000, "AUD"),
    )
    line = price(each, 2)
    assert line.labour == Money(116000, "AUD")
    assert line.net == Money(2 * (58000 + 3500 + 12000 + 500 - 4000), "AUD")
    assert line.tax == Money(14000, "AUD")
    assert line.total == Money(154000, "AUD")


@given(
    st.sampled_from(Rounding).flatmap(
        lambda policy: st.lists(rates(rounding=policy), min_size=1, max_size=5)
    ),
    quantities,
)
def test_what_is_published_prices_a_line_the_same(card: list[Rate], quantity: int) -> None:
    """As any reader of `rate-card.updated` reckons, knowing nothing of hours and parts."""
    told = snapshot(card_of(*card), [])
    for unit, each in zip(told.rates, card, strict=True):
        assert unit.unit_price is not None
        net = Money(unit.unit_price.amount * quantity, unit.unit_price.currency)
        tax = net.times(unit.tax_rate, Rounding(told.rounding))
        assert (net + tax) == price(each, quantity).total


@pytest.mark.seed(1, 4)
@given(rates(levied=taxes()), quantities)
def test_the_steps_of_a_price_sum_to_it(each: Rate, quantity: int) -> None:
    line = price(each, quantity)
    found = steps(line, basis.of(each), quantity)
    assert sum(step.amount.amount for step in found) == line.total.amount
    for step in found:
        assert plain(Money(step.amount.amount, "AUD")) in step.text


@pytest.mark.seed(1)
def test_a_price_is_explained_step_by_step() -> None:
    each = rate(
        labour_hours=Decimal("4"),
        parts=Money(3500, "AUD"),
        sublet=Money(12000, "AUD"),
        discount=Money(4050, "AUD"),
    )
    found = [step.text for step in steps(price(each, 1), basis.of(each), 1)]
    assert found == [
        f"Labour 4.00 h {TIMES} 145.00 = 580.00",
        "Parts 35.00",
        "Sublet 120.00",
        "Discount -40.50",
        "Tax 10% of 694.50 = 69.45",
    ]


def test_what_was_rounded_is_said_with_how() -> None:
    tax = Tax("Tax", Decimal("0.125"), Rounding.DOWN, "NZ")
    each = rate(
        labour_hours=Decimal("0.33"),
        hourly_rate=Money(14501, "AUD"),
        fees=Money(1000, "AUD"),
        levied=(tax,),
    )
    found = [step.text for step in steps(price(each, 3), basis.of(each), 3)]
    assert found == [
        f"Labour 0.33 h {TIMES} 145.01 = 47.85, rounded half-up, {TIMES} 3 = 143.55",
        f"Fees 10.00 {TIMES} 3 = 30.00",
        "Tax 12.5% (NZ) of 173.55 = 21.69, rounded down",
    ]


def test_a_currency_without_cents_is_written_without() -> None:
    yen = Money(14500, "JPY")
    each = rate(hourly_rate=yen, **dict.fromkeys(NOTHINGS, Money(0, "JPY")))
    [labour, _] = steps(price(each, 1), basis.of(each), 1)
    assert labour.text == f"Labour 1.00 h {TIMES} 14500 = 14500"


NOTHINGS = ("parts", "sublet", "fees", "discount")
