"""A breaker, a retry budget and a deadline: pure, over any clock."""

from datetime import UTC, datetime, timedelta

import pytest

from services.notifier.domain.breaker import BREAK_AFTER, LONGEST_PAUSE, Breaker
from services.notifier.domain.budget import A_SECOND, CREDIT, MOST, Budget
from services.notifier.domain.deadline import deadline_of
from services.notifier.domain.delivery import Answer, Delivery, DeliveryStatus, attempted, expired

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def tripped(now: float) -> Breaker:
    breaker = Breaker()
    for _ in range(BREAK_AFTER):
        breaker = breaker.failed(now)
    return breaker


def test_five_failures_in_a_row_leave_probes_which_grow_seldom() -> None:
    breaker, pauses, now = tripped(10.0), list[float](), 10.0
    for _ in range(10):
        assert not breaker.lets_through(now)
        pauses.append(breaker.closed_until - now)
        now = breaker.closed_until
        assert breaker.lets_through(now)
        breaker = breaker.failed(now)
    assert pauses[:4] == [1.0, 2.0, 4.0, 8.0]
    assert pauses[-1] == LONGEST_PAUSE


def test_what_was_in_flight_when_it_tripped_makes_no_pause_longer() -> None:
    breaker = tripped(10.0)
    assert breaker.failed(10.5) == breaker


def test_one_success_lets_all_through_again() -> None:
    assert tripped(10.0).succeeded() == Breaker()
    assert Breaker().failed(1.0).succeeded().lets_through(1.0)


def test_retries_beyond_the_budget_come_as_fast_as_it_fills() -> None:
    budget, waits = Budget(), []
    for _ in range(int(MOST) + 3):
        budget, wait = budget.spent(0.0)
        waits.append(wait)
    assert waits == [0.0] * int(MOST) + [1.0 / A_SECOND, 2.0 / A_SECOND, 3.0 / A_SECOND]
    for _ in range(round(3 / CREDIT)):
        budget = budget.succeeded(0.0)
    assert budget.spent(0.0)[1] == pytest.approx(1.0)
    assert budget.spent(60.0)[1] == 0.0


def reminder(**more: datetime) -> Delivery:
    due = deadline_of("reminder.due", NOW)
    return Delivery(
        "dlv_1", DeliveryStatus.QUEUED, "par_1", "whe_1", "0190", "reminder.due", NOW,
        expires_at=more.get("expires_at", due),
    )  # fmt: skip


def test_a_reminder_that_comes_too_late_expires_and_says_so() -> None:
    late = NOW + timedelta(days=1)
    assert deadline_of("service.updated", NOW) is None
    assert not reminder().is_late(late - timedelta(seconds=1))
    assert reminder().is_late(late)
    gone = expired(reminder(), late)
    assert (gone.status, gone.finished_at, gone.attempts) == (DeliveryStatus.EXPIRED, late, 0)


def test_a_retry_that_would_be_too_late_is_not_waited_for() -> None:
    waits = [timedelta(hours=2)]
    tried, happened = attempted(reminder(), Answer(500), NOW + timedelta(hours=23), waits, jitter=0)
    assert (tried.status, tried.attempts, happened) == (DeliveryStatus.EXPIRED, 1, ())
