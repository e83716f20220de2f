"""Payments, and what their outcomes do to orders, under random notices in random order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.order.domain import order as orders
from services.order.domain import payment as payments
from services.order.domain.payment import Payment
from services.order.domain.refund import TooMuch
from services.order.domain.sale import NotForSale, Quote, order_of, payment_for, renewed
from services.order.domain.settlement import Event, owe_back, settle
from services.order.domain.terms import Line, Terms, Vehicle
from shared.money import Money

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
LINE = Line("itm_1", "tyres", "Four tyres", 4, None, Money(40000, "AUD"), Money(4000, "AUD"))
QUOTE = Quote(
    id="quo_1",
    partner_id="par_1",
    version=1,
    declined=False,
    expires_at=NOON + timedelta(days=7),
    terms=Terms("reconditioning", "AUD", Vehicle(), (LINE,)),
)
ACTION = payments.NextAction("redirect", "https://bank.test/")
OUTCOMES = [
    payments.Succeeded(),
    payments.Declined("card-declined"),
    payments.ActionRequired(ACTION),
    payments.Underway(),
]


class PayingForAnOrder(RuleBasedStateMachine):
    """Attempts, notices, cancellation and refunds, as they may come in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.order = order_of(QUOTE, "ord_1", NOON)
        self.attempts: list[Payment] = []
        self.told: list[Event] = []
        self.given = 0

    @rule()
    def attempt(self) -> None:
        if self.order.status is not orders.Status.AWAITING_PAYMENT:
            return
        opened = payment_for(
            self.order, f"pay_{len(self.attempts)}", method="card", token="tok", now=NOON
        )
        begun, events = payments.advance(opened, payments.Action.BEGIN)
        assert not events
        self.attempts.append(begun)

    @rule(outcome=st.sampled_from(OUTCOMES), which=st.integers(0, 5))
    def notice(self, outcome: payments.Outcome, which: int) -> None:
        if which < len(self.attempts):
            before = self.attempts[which]
            self.order, self.attempts[which], events = settle(self.order, before, outcome, NOON)
            late = isinstance(outcome, payments.Succeeded) and (
                before.status is payments.Status.FAILED
            )
            assert not events or late or before.status is payments.Status.PROCESSING
            self.told += events

    @rule()
    def cancel(self) -> None:
        if orders.Status.CANCELED in orders.allowed(self.order):
            self.order, events = orders.act(self.order, orders.Action.CANCEL, NOON, reason="sold")
            self.told += events
            self.owe(None)

    @rule(amount=st.integers(1, 50_000))
    def give_back(self, amount: int) -> None:
        left = sum(each.left.amount for each in self.attempts)
        if amount > left:
            with pytest.raises(TooMuch) as refused:
                owe_back(tuple(self.attempts), Money(amount, "AUD"), "scratched", NOON)
            assert refused.value.left.amount == left
        else:
            self.owe(Money(amount, "AUD"))
            self.given += amount

    def owe(self, amount: Money | None) -> None:
        owing = owe_back(tuple(self.attempts), amount, "sold", NOON)
        changed = {each.id: each for each in owing}
        self.attempts = [changed.get(each.id, each) for each in self.attempts]

    @rule(which=st.integers(0, 5), nth=st.integers(1, 5))
    def refunded(self, which: int, nth: int) -> None:
        if which < len(self.attempts):
            before = self.attempts[which]
            after, events = payments.refunded(before, f"{before.id}.{nth}", NOON)
            assert payments.refunded(after, f"{before.id}.{nth}", NOON) == (after, ())
            self.attempts[which] = after
            self.told += events

    @invariant()
    def money_kept_or_owed_back(self) -> None:
        kept = sum(each.left.amount for each in self.attempts)
        wanted = self.order.terms.total.amount - self.given if self.order.status == "pending" else 0
        assert kept == wanted

    @invariant()
    def never_more_back_than_came_in(self) -> None:
        for each in self.attempts:
            back = each.refunded.amount + each.refund_due.amount
            assert back <= (each.amount.amount if each.refunds else 0)
            assert len({refund.id for refund in each.refunds}) == len(each.refunds)

    @invariant()
    def one_order_whatever_is_noticed(self) -> None:
        kinds = [event.announcement for event in self.told]
        assert kinds.count(orders.Announcement.CREATED) == (self.order.paid)
        assert not self.order.paid or payments.Announcement.SUCCEEDED in kinds


TestPayingForAnOrder = PayingForAnOrder.TestCase
TestPayingForAnOrder.settings = settings(
    max_examples=1_000, stateful_step_count=12, deadline=None, derandomize=True
)


@pytest.mark.seed(9)
@pytest.mark.parametrize(
    ("quote", "code"),
    [
        (replace(QUOTE, expires_at=NOON), "quote-expired"),
        (replace(QUOTE, terms=None), "quote-not-priced"),
        (replace(QUOTE, declined=True), "quote-declined"),
    ],
)
def test_a_quote_that_cannot_be_bought_says_why(quote: Quote, code: str) -> None:
    with pytest.raises(NotForSale) as refused:
        order_of(quote, "ord_1", NOON)
    assert refused.value.code == code


def test_an_unpaid_order_takes_the_terms_of_its_quotes_newest_version() -> None:
    order = order_of(QUOTE, "ord_1", NOON)
    dearer = replace(LINE, price=Money(50000, "AUD"))
    terms = Terms("reconditioning", "AUD", Vehicle(), (dearer,))
    later = NOON + timedelta(hours=1)
    fresh = renewed(order, replace(QUOTE, version=2, terms=terms), later)
    assert (fresh.terms.total, fresh.quote_version) == (Money(54000, "AUD"), 2)
    assert (fresh.id, fresh.created_at) == (order.id, NOON)
