"""A delivery's states: the table says what may happen, and the deciders do nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.domain import delivery as rules
from services.notifier.domain.delivery import (
    TRANSITIONS,
    Answer,
    Delivery,
    DeliveryAction,
    DeliveryExhausted,
    DeliveryStatus,
)
from services.notifier.domain.schedule import RETRIES

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FAILURE, SUCCESS = Answer(500), Answer(204)


def queued() -> Delivery:
    return Delivery(
        id="dlv_1",
        partner_id="par_1",
        endpoint_id="whe_1",
        event_id="0190",
        event_type="service.updated",
        status=DeliveryStatus.QUEUED,
        due_at=NOW,
    )


def attempt(delivery: Delivery, answer: Answer, now: datetime = NOW) -> Delivery:
    return rules.attempted(delivery, answer, now, RETRIES, jitter=0)[0]


@pytest.mark.seed(28)
def test_retries_end_in_exhausted_and_say_so_once() -> None:
    delivery, now, events = queued(), NOW, []
    while delivery.status is DeliveryStatus.QUEUED:
        now = delivery.due_at
        delivery, new = rules.attempted(delivery, FAILURE, now, RETRIES, jitter=0)
        events += new

    assert now - NOW == sum(RETRIES, timedelta())
    assert delivery.attempts == 1 + len(RETRIES)
    assert events == [DeliveryExhausted(delivery)]


@pytest.mark.seed(28)
def test_a_manual_resend_starts_the_schedule_over() -> None:
    delivery = queued()
    for _ in range(1 + len(RETRIES)):
        delivery = attempt(delivery, FAILURE)

    later = NOW + timedelta(days=2)
    again = rules.retried(delivery, later)
    failed_again = attempt(again, FAILURE, later)

    assert (again.status, again.due_at) == (DeliveryStatus.QUEUED, later)
    assert failed_again.due_at == later + RETRIES[0]
    assert failed_again.attempts == delivery.attempts + 1


def test_failing_to_tell_of_a_failure_is_told_to_nobody() -> None:
    own = queued()._replace(event_type="delivery.exhausted", failures=len(RETRIES))
    exhausted, events = rules.attempted(own, FAILURE, NOW, RETRIES, jitter=0)

    assert (exhausted.status, events) == (DeliveryStatus.EXHAUSTED, ())


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_any_2xx_is_delivered(status: int) -> None:
    assert attempt(queued(), Answer(status)).status is DeliveryStatus.DELIVERED


@pytest.mark.parametrize("status", [None, 199, 301, 302, 307, 400, 404, 410, 429, 500, 503])
def test_anything_else_is_not(status: int | None) -> None:
    assert attempt(queued(), Answer(status)).status is DeliveryStatus.QUEUED


@given(
    st.lists(
        st.sampled_from(["succeed", "fail", "cancel", "retry"]),
        max_size=40,
    )
)
def test_random_walks_stay_inside_the_table(walk: list[str]) -> None:
    delivery = queued()
    for step in walk:
        before = delivery.status
        if step in ("succeed", "fail"):
            if before is not DeliveryStatus.QUEUED:
                continue
            delivery = attempt(delivery, SUCCESS if step == "succeed" else FAILURE)
        elif step == "cancel":
            delivery = rules.canceled(delivery, NOW)
        else:
            delivery = rules.retried(delivery, NOW)

        reachable = {after for (status, _), (after, _) in TRANSITIONS.items() if status is before}
        assert delivery.status in reachable | {before}
        assert (delivery.finished_at is None) == (delivery.status is DeliveryStatus.QUEUED)


def test_canceling_leaves_a_finished_delivery_alone() -> None:
    delivered = attempt(queued(), SUCCESS)

    assert (delivered.status, DeliveryAction.CANCEL) not in TRANSITIONS
    assert rules.canceled(delivered, NOW + timedelta(days=1)) == delivered
