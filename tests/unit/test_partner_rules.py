from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.partner.domain.account import Account, Role, ScopeRefused, change, narrowed
from services.partner.domain.refresh import Presented, Verdict, judge
from services.partner.domain.throttle import ALLOWED, WINDOW, Failures, wait

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
ROLES = st.frozensets(st.sampled_from(Role), min_size=1)
DEALER = Account("par_1", "Dealer", "dealer@example.com", frozenset({Role.PARTNER}), NOW)


@pytest.mark.seed(32)
@pytest.mark.parametrize(
    ("used", "revoked", "active", "expired"), list(product([False, True], repeat=4))
)
def test_a_refresh_token_is_rotated_only_when_nothing_speaks_against_it(
    used: bool, revoked: bool, active: bool, expired: bool
) -> None:
    end = NOW - timedelta(seconds=1) if expired else NOW + timedelta(seconds=1)
    verdict = judge(Presented(used, revoked, end, client_active=active), NOW)
    expected = {
        (False, False, True, False): Verdict.ROTATE,
        (True, False, True, False): Verdict.REUSED,
        (True, False, True, True): Verdict.REUSED,
    }
    assert verdict == expected.get((used, revoked, active, expired), Verdict.DEAD)


def test_a_family_is_over_at_its_very_end() -> None:
    presented = Presented(False, False, NOW, client_active=True)
    assert judge(presented, NOW) is Verdict.DEAD
    assert judge(presented, NOW - timedelta(microseconds=1)) is Verdict.ROTATE


@given(ROLES, ROLES)
def test_a_scope_is_granted_when_all_of_it_is_there(
    granted: frozenset[Role], asked: frozenset[Role]
) -> None:
    words = " ".join(asked)
    if asked <= granted:
        assert narrowed(granted, words) == asked
    else:
        with pytest.raises(ScopeRefused):
            narrowed(granted, words)
    assert narrowed(granted, None) == granted


@pytest.mark.parametrize("asked", ["", "   ", "everything", "partner everything"])
def test_a_scope_of_nothing_or_of_unknown_words_is_refused(asked: str) -> None:
    with pytest.raises(ScopeRefused):
        narrowed(frozenset(Role), asked)


@given(st.integers(0, 3 * ALLOWED), st.timedeltas(timedelta(), 2 * WINDOW))
def test_after_so_many_failures_one_waits_for_the_window_to_end(count: int, ago: timedelta) -> None:
    left = wait(Failures(NOW - ago, count), NOW)
    if count < ALLOWED or ago >= WINDOW:
        assert left is None
    else:
        assert left == WINDOW - ago


def test_who_never_failed_need_not_wait() -> None:
    assert wait(None, NOW) is None


def test_a_change_counts_and_no_change_is_none() -> None:
    renamed = change(DEALER, name="Dana's", email=None, active=None)
    assert renamed is not None
    assert (renamed.name, renamed.email, renamed.sequence) == ("Dana's", DEALER.email, 2)
    assert change(DEALER, name="Dealer", email=None, active=True) is None
