"""Which events an endpoint asks for."""

import pytest

from services.notifier.domain.patterns import patterns_matching, unknown_patterns

TYPES = ("service.created", "service.updated", "booking.created")


@pytest.mark.seed(26)
def test_a_type_matches_its_name_its_family_and_everything() -> None:
    assert patterns_matching("service.updated") == ("service.updated", "service.*", "*")


@pytest.mark.parametrize(
    "pattern", ["service", "service.", "*.created", "servic*", "service.create", "", "booking.**"]
)
def test_a_pattern_that_nothing_could_match_is_named_by_its_place(pattern: str) -> None:
    assert unknown_patterns(["service.*", pattern, "*"], TYPES) == [1]


def test_exact_names_families_and_everything_are_known() -> None:
    assert unknown_patterns(["service.created", "booking.*", "*"], TYPES) == []
