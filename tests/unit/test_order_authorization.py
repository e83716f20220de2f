"""An order whose work grows: proposals, decisions, payments and cancellation in any order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.order.domain import authorization, work
from services.order.domain import order as orders
from services.order.domain.authorization import NotUnderWay, TooMany, Verdict
from services.order.domain.order import Order, Undecided
from services.order.domain.supplement import (
    TRANSITIONS,
    Action,
    AlreadyDecided,
    Decision,
    Status,
    Supplement,
    Way,
    priced,
)
from services.order.domain.terms import Line, Terms, Vehicle, Work
from shared.money import Money

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
LINE = Line("itm_own", "tyres", "Four tyres", 4, None, Money(40000, "AUD"), Money(4000, "AUD"))
UNDER_WAY = {orders.Status.PENDING, orders.Status.IN_PROGRESS, orders.Status.DELAYED}
WAYS = work.TRANSITIONS.items()
DONE_BY = {
    Action.AUTHORIZE: Status.AUTHORIZED,
    Action.DECLINE: Status.DECLINED,
    Action.WITHDRAW: Status.WITHDRAWN,
}


def paid_order(cap: Money | None = None) -> Order:
    terms = Terms("reconditioning", "AUD", Vehicle(), (LINE,), pre_authorized=cap)
    unpaid = Order("ord_1", "par_1", orders.Status.AWAITING_PAYMENT, terms, NOON)
    confirmed, _ = orders.act(unpaid, orders.Action.CONFIRM, NOON)
    return orders.credited(confirmed, terms.total)


def extra(name: str, amount: int) -> Supplement:
    line = Line(f"itm_{name}", "brakes", "Hoses", 1, None, Money(amount, "AUD"), Money(0, "AUD"))
    return Supplement(f"sup_{name}", Status.OPEN, "cracked", (line,), NOON)


def decision(way: Way = Way.API) -> Decision:
    return Decision(way, NOON, NOON, role="partner", client_id="cli_1")


class AGrowingOrder(RuleBasedStateMachine):
    """The sum of what was authorised is the oracle for totals, cap and balance."""

    def __init__(self) -> None:
        super().__init__()
        self.cap = 5000
        self.order = paid_order(Money(self.cap, "AUD"))
        self.authorized = 0
        self.by_cap = 0
        self.paid = 44000

    @rule(amount=st.integers(0, 4000))
    def propose(self, amount: int) -> None:
        supplement = extra(str(len(self.order.supplements)), amount)
        before = self.order
        try:
            self.order, (event,) = authorization.propose(before, supplement, NOON)
        except NotUnderWay:
            assert before.status not in UNDER_WAY
            return
        except TooMany:
            assert len(before.supplements) == authorization.MOST_SUPPLEMENTS
            return
        made = self.order.supplements[-1]
        covered = self.by_cap + amount <= self.cap
        assert made.status is (Status.AUTHORIZED if covered else Status.OPEN)
        assert event.reason == "cracked"
        if covered:
            assert made.decision is not None
            assert made.decision.way is Way.PRE_AUTHORIZED
            self.by_cap += amount
            self.authorized += amount

    @rule(which=st.integers(0, 20), action=st.sampled_from(Action))
    def decide(self, which: int, action: Action) -> None:
        if which >= len(self.order.supplements):
            return
        before, known = self.order, self.order.supplements[which]
        try:
            self.order, (event,) = authorization.decide(
                before, Verdict(known.id, action, decision())
            )
        except NotUnderWay:
            assert before.status not in UNDER_WAY
        except AlreadyDecided:
            assert (known.status, action) not in TRANSITIONS
        else:
            assert known.status is Status.OPEN
            assert self.order.supplements[which].status is DONE_BY[action]
            fields = {change.field for change in event.changes}
            assert f"supplements/{known.id}" in fields
            if action is Action.AUTHORIZE:
                self.authorized += known.total.amount

    @rule(which=st.integers(0, 21), to=st.sampled_from([Work.IN_PROGRESS, Work.DONE]))
    def work_on(self, which: int, to: Work) -> None:
        lines = [LINE, *(line for each in self.order.supplements for line in each.lines)]
        if which >= len(lines):
            return
        authorized = {line.id for line in self.order.terms.lines}
        line = lines[which]
        try:
            self.order, _ = work.move(self.order, line.id, to)
        except work.NotAuthorized:
            assert line.id not in authorized
        except work.NotInProgress:
            assert self.order.status is not orders.Status.IN_PROGRESS
        except work.NotAllowed:
            [standing] = [each.work for each in self.order.terms.lines if each.id == line.id]
            assert to not in {
                after for (at, _), after in work.TRANSITIONS.items() if at is standing
            }
        else:
            assert line.id in authorized

    @rule(
        action=st.sampled_from(
            [each for each in orders.Action if each is not orders.Action.CONFIRM]
        )
    )
    def move(self, action: orders.Action) -> None:
        try:
            self.order, _ = orders.act(self.order, action, NOON, reason="parts")
        except orders.NotAllowed:
            assert orders.destination(self.order, action) is None
        except Undecided:
            assert Status.OPEN in {each.status for each in self.order.supplements}

    @rule(part=st.integers(1, 3))
    def pay(self, part: int) -> None:
        amount = Money(self.order.balance_due.amount // part, "AUD")
        self.order = orders.credited(self.order, amount)
        self.paid += amount.amount

    @invariant()
    def total_is_that_of_the_authorised_lines(self) -> None:
        assert self.order.terms.total.amount == 44000 + self.authorized

    @invariant()
    def what_is_due_is_what_was_not_paid(self) -> None:
        canceled = self.order.status is orders.Status.CANCELED
        due = 0 if canceled else 44000 + self.authorized - self.paid
        assert self.order.balance_due == Money(due, "AUD")
        assert not self.order.paid or not due or canceled

    @invariant()
    def what_has_ended_waits_for_nobody(self) -> None:
        ended = self.order.status in {orders.Status.COMPLETED, orders.Status.CANCELED}
        assert not ended or all(each.decision for each in self.order.supplements)

    @invariant()
    def cap_is_kept(self) -> None:
        assert self.by_cap <= self.cap


TestAGrowingOrder = AGrowingOrder.TestCase


@pytest.mark.seed(71)
def test_without_a_cap_somebody_is_always_asked() -> None:
    order, _ = authorization.propose(paid_order(), extra("a", 0), NOON)
    assert order.supplements[0].status is Status.OPEN


@pytest.mark.seed(71)
def test_a_cap_in_another_currency_covers_nothing() -> None:
    order, _ = authorization.propose(paid_order(Money(10**6, "NZD")), extra("a", 1), NOON)
    assert order.supplements[0].status is Status.OPEN


def test_later_work_moves_the_promise_once_it_is_authorised() -> None:
    later = NOON.replace(day=9)
    order, _ = authorization.propose(
        paid_order(), replace(extra("a", 1), estimated_completion_at=later), NOON
    )
    assert order.estimated_completion_at is None
    order, _ = authorization.decide(order, Verdict("sup_a", Action.AUTHORIZE, decision()))
    assert order.estimated_completion_at == later


@given(
    parts=st.tuples(*[st.none() | st.integers(0, 10**9)] * 3).filter(
        lambda given: any(each is not None for each in given)
    ),
    rate=st.decimals(0, 1, places=5),
)
def test_a_line_is_the_sum_of_its_parts_and_its_tax_is_rounded_once(
    parts: tuple[int | None, ...], rate: Decimal
) -> None:
    labour, bought, fees = (None if part is None else Money(part, "AUD") for part in parts)
    line = priced(
        service="brakes",
        description="Hoses",
        quantity=3,
        notes=None,
        labour=labour,
        parts=bought,
        fees=fees,
        tax_rate=rate,
    )
    assert line.price.amount == sum(part or 0 for part in parts)
    assert abs(line.price.amount * rate - line.tax.amount) <= Decimal("0.5")
