"""A quote under any actions in any order, with the table as the oracle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.rates import PLAIN, rates
from services.quote.domain import quote as domain
from services.quote.domain.lifecycle import TRANSITIONS, Action, NotAllowed
from services.quote.domain.quote import Terms
from services.quote.domain.rate_card import Rate
from services.quote.domain.request import Asked, Request
from services.quote.domain.vehicle import Vehicle, VinVerdict, judge_vin

NOW = datetime(2026, 12, 1, tzinfo=UTC)
TERMS = Terms(timedelta(days=7), "https://example.com")


def quoted(*rate: Rate, quantity: int = 1) -> domain.Quote:
    request = Request(Vehicle("1HGCM82633A004352"), [Asked("paint", quantity) for _ in rate])
    ids = [f"itm_{number}" for number in range(len(rate))]
    return domain.create("quo_1", ids, "par_1", request, rate, TERMS, NOW)[0]


@pytest.mark.seed(4)
@given(st.lists(rates(), min_size=1, max_size=8), st.integers(1, 100))
def test_the_total_is_the_sum_of_its_lines_to_the_cent(card: list[Rate], quantity: int) -> None:
    quote = quoted(*card, quantity=quantity)
    lines = [item.price for item in quote.items]
    assert quote.total.amount == sum(line.total.amount for line in lines)
    assert quote.total == quote.subtotal + quote.tax
    for line in lines:
        assert line.total == line.net + line.tax


@given(st.lists(st.sampled_from(list(Action)), max_size=6))
def test_no_action_leaves_the_table(actions: list[Action]) -> None:
    quote = quoted(PLAIN)
    for action in actions:
        expected = TRANSITIONS.get((quote.status, action))
        if expected is None:
            with pytest.raises(NotAllowed) as refused:
                domain.act(quote, action)
            allowed = [asked for (at, asked) in TRANSITIONS if at is quote.status]
            assert refused.value.allowed == allowed
            continue
        changed, event = domain.act(quote, action, order_id="ord_1")
        assert (changed.status, event) == (expected[0] or quote.status, expected[1])
        assert changed.sequence == quote.sequence + 1
        quote = changed


@pytest.mark.seed(2)
@pytest.mark.parametrize(
    ("vin", "verdict"),
    [
        ("1HGCM82633A004352", VinVerdict.GOOD),
        ("1HGCM82633A004353", VinVerdict.WRONG_CHECK_DIGIT),
        ("LSJA24U9XPS000001", VinVerdict.WRONG_CHECK_DIGIT),
        ("WVWZZZ1JZ3W386752", VinVerdict.DOUBTFUL),
        ("1HGCM82633A00435", VinVerdict.MALFORMED),
        ("IHGCM82633A004352", VinVerdict.MALFORMED),
    ],
)
def test_a_check_digit_binds_where_the_law_says_so(vin: str, verdict: VinVerdict) -> None:
    assert judge_vin(vin) is verdict


def test_the_estimate_counts_working_days_after_the_handover() -> None:
    assert quoted(PLAIN).estimated_completion_at == NOW + timedelta(days=2)
    assert quoted(PLAIN, quantity=9).estimated_completion_at == NOW + timedelta(days=3)
