"""What tells those who ask without a token apart."""

import pytest

from shared.visitors import told_apart_by


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
    ],
)
def test_whoever_has_many_addresses_is_one_visitor(one: str, other: str) -> None:
    assert told_apart_by(one) == told_apart_by(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:3::1"),
        ("203.0.113.7", "203.0.113.8"),
        ("::ffff:203.0.113.7", "::ffff:203.0.113.8"),
        ("", "testclient"),
    ],
)
def test_others_are_others(one: str, other: str) -> None:
    assert told_apart_by(one) != told_apart_by(other)
