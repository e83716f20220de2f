"""An order under random actions: the table is the oracle for every answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.order.domain.order import (
    NEEDS_REASON,
    TRANSITIONS,
    Action,
    Announcement,
    NotAllowed,
    Order,
    ReasonMissing,
    ServiceEvent,
    Status,
    act,
    action_towards,
    allowed,
)
from services.order.domain.terms import Line, Terms, Vehicle
from shared.money import Money

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
LINE = Line("itm_1", "tyres", "Four tyres", 4, None, Money(40000, "AUD"), Money(4000, "AUD"))
UNPAID = Order(
    id="ord_1",
    partner_id="par_1",
    status=Status.AWAITING_PAYMENT,
    terms=Terms("reconditioning", "AUD", Vehicle(vin="1HGCM82633A004352"), (LINE,)),
    created_at=NOON,
)
ENDED = {Status.COMPLETED, Status.CANCELED}


def after(*actions: Action) -> Order:
    order = UNPAID
    for action in actions:
        order, _ = act(order, action, NOON, reason="parts")
    return order


class AnOrder(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.order = UNPAID
        self.now = NOON
        self.told: list[ServiceEvent] = []

    @rule(action=st.sampled_from(Action), reason=st.sampled_from([None, "parts"]))
    def do(self, action: Action, reason: str | None) -> None:
        before = self.order
        self.now += timedelta(minutes=1)
        entry = TRANSITIONS.get((before.status, action))
        try:
            self.order, events = act(before, action, self.now, reason=reason)
        except NotAllowed:
            assert entry is None
        except ReasonMissing:
            assert entry is not None
            assert action in NEEDS_REASON
            assert reason is None
        else:
            assert entry is not None
            to, announcement = entry
            assert self.order.status == (to or before.delayed_from)
            assert [event.announcement for event in events] == [announcement] * len(events)
            assert len(events) == (announcement is not None)
            self.told += events

    @invariant()
    def sequence_counts_what_was_told(self) -> None:
        assert [event.order.sequence for event in self.told] == list(range(1, len(self.told) + 1))
        assert self.order.sequence == len(self.told)

    @invariant()
    def created_comes_first_and_once_and_completed_last_and_alone(self) -> None:
        kinds = [event.announcement for event in self.told]
        assert kinds[:1] in ([], [Announcement.CREATED])
        assert kinds.count(Announcement.CREATED) <= 1
        assert Announcement.COMPLETED not in kinds[:-1]

    @invariant()
    def only_a_delayed_order_knows_where_it_was(self) -> None:
        assert (self.order.delayed_from is not None) == (self.order.status is Status.DELAYED)

    @invariant()
    def the_end_is_the_end(self) -> None:
        assert bool(allowed(self.order)) == (self.order.status not in ENDED)


TestAnOrder = AnOrder.TestCase


@given(st.sampled_from(Status), st.sampled_from(Status))
def test_what_is_allowed_and_what_can_be_asked_for_are_the_same(here: Status, to: Status) -> None:
    was = Status.IN_PROGRESS if here is Status.DELAYED else None
    order = Order("ord_1", "par_1", here, UNPAID.terms, NOON, delayed_from=was)
    try:
        action = action_towards(order, to)
    except NotAllowed:
        assert to not in allowed(order)
    else:
        assert to in allowed(order)
        assert action is not Action.CONFIRM


@pytest.mark.seed(12)
def test_work_goes_from_pending_through_in_progress_to_completed() -> None:
    order = after(Action.CONFIRM, Action.START, Action.COMPLETE)
    assert (order.status, order.completed_at) == (Status.COMPLETED, NOON)


@pytest.mark.seed(14)
@pytest.mark.parametrize("worked", [(), (Action.START,)])
def test_a_delayed_order_goes_back_to_where_it_was_and_nowhere_else(
    worked: tuple[Action, ...],
) -> None:
    before = after(Action.CONFIRM, *worked)
    delayed, _ = act(before, Action.DELAY, NOON, reason="parts")
    assert allowed(delayed) == (before.status, Status.CANCELED)
    resumed, _ = act(delayed, Action.RESUME, NOON)
    assert (resumed.status, resumed.reason) == (before.status, None)


@pytest.mark.seed(24)
def test_an_update_says_what_changed() -> None:
    later = NOON + timedelta(days=2)
    _, (event,) = act(
        after(Action.CONFIRM), Action.DELAY, NOON, reason="parts", estimated_completion_at=later
    )
    assert [(change.field, change.before, change.after) for change in event.changes] == [
        ("status", "pending", "delayed"),
        ("estimated_completion_at", None, "2026-12-03T12:00:00Z"),
    ]
