"""What may be sent from memory: nothing that could pass an earlier event of its subject."""

from __future__ import annotations

import pytest

from infra.plumbing import happened
from shared import handed
from shared.events import Pending
from shared.handed import Handed


def pending(position: int, subject: str, sequence: int) -> Pending:
    return Pending(position, happened(subject, sequence))


def positions(taken: tuple[list[Pending], bool]) -> tuple[list[int], bool]:
    going, everything = taken
    return [each.position for each in going], everything


def test_a_subjects_beginning_goes_and_what_follows_on_it() -> None:
    hand = Handed()
    assert hand.add([pending(1, "a", 1), pending(2, "b", 1), pending(3, "a", 2)])
    assert positions(hand.take()) == ([1, 2, 3], True)
    assert positions(hand.take()) == ([], True)


def test_what_follows_on_something_unknown_does_not_go() -> None:
    hand = Handed()
    hand.add([pending(1, "a", 2), pending(2, "b", 1), pending(3, "a", 3)])
    assert positions(hand.take()) == ([2], False)


def test_what_follows_on_what_was_sent_goes_and_a_gap_does_not() -> None:
    hand = Handed()
    hand.sent(happened("a", 4))
    hand.add([pending(1, "a", 5), pending(2, "a", 6)])
    assert positions(hand.take()) == ([1, 2], True)
    hand.sent(happened("a", 6))
    hand.add([pending(3, "a", 8)])
    assert positions(hand.take()) == ([], False)


def test_what_was_read_meanwhile_is_not_sent_again() -> None:
    hand = Handed()
    hand.add([pending(1, "a", 1), pending(2, "b", 1)])
    hand.drop([1, 7])
    assert positions(hand.take()) == ([2], True)


def test_what_was_sent_counts_no_more_once_the_broker_forgot_it() -> None:
    hand = Handed()
    hand.sent(happened("a", 1))
    hand.start_over()
    hand.add([pending(1, "a", 2)])
    assert positions(hand.take()) == ([], False)


def test_there_is_room_for_so_many_and_so_much(monkeypatch: pytest.MonkeyPatch) -> None:
    hand = Handed()
    assert hand.add([pending(at, f"a{at}", 1) for at in range(handed.MOST_HANDED)])
    assert not hand.add([pending(0, "more", 1)])
    hand.take()
    size = len(happened("a", 1).data)
    monkeypatch.setattr(handed, "MOST_CHARACTERS", size)
    assert hand.add([pending(1, "a", 1)])
    assert not hand.add([pending(2, "b", 1)])


def test_a_subject_of_long_ago_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handed, "MOST_SUBJECTS", 2)
    hand = Handed()
    for subject in "abc":
        hand.sent(happened(subject, 1))
    hand.add([pending(1, "a", 2), pending(2, "b", 2)])
    assert positions(hand.take()) == ([2], False)
