"""When a delivery is tried again, and when that ends."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.domain.schedule import MAX_JITTER, RETRIES, asked_wait, wait_after

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.seed(28)
def test_the_schedule_is_exact_and_ends() -> None:
    waits = [wait_after(failures, RETRIES, jitter=0) for failures in range(1, 9)]

    assert [wait.total_seconds() if wait else None for wait in waits] == [
        5,
        5 * 60,
        30 * 60,
        2 * 3600,
        5 * 3600,
        10 * 3600,
        10 * 3600,
        None,
    ]


@given(st.integers(1, len(RETRIES)), st.floats(0, 1))
def test_jitter_only_lengthens_a_wait_and_by_a_tenth_at_most(failures: int, jitter: float) -> None:
    wait = wait_after(failures, RETRIES, jitter)

    assert wait is not None
    assert RETRIES[failures - 1] <= wait <= RETRIES[failures - 1] * (1 + MAX_JITTER)


@given(st.integers(1, len(RETRIES)), st.floats(0, 1), st.timedeltas(min_value=timedelta(0)))
def test_a_receiver_may_ask_for_longer_but_not_for_ever(
    failures: int, jitter: float, asked: timedelta
) -> None:
    planned = wait_after(failures, RETRIES, jitter)
    wait = wait_after(failures, RETRIES, jitter, asked)

    assert planned is not None
    assert wait is not None
    assert planned <= wait <= max(planned, *RETRIES)
    if asked <= max(RETRIES):
        assert wait >= asked


def test_asking_for_a_wait_buys_no_further_try() -> None:
    assert wait_after(len(RETRIES) + 1, RETRIES, 0, timedelta(seconds=1)) is None


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("Sun, 01 Mar 2026 12:01:00 GMT", timedelta(minutes=1)),
        ("Sun, 01 Mar 2026 11:00:00 GMT", timedelta(0)),
        ("soon", None),
        ("9" * 400, None),
        ("-5", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, wait: timedelta | None) -> None:
    assert asked_wait(header, NOW) == wait
