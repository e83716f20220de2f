"""Options of the tests that can go on for longer than a suite should."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--contention-seconds",
        type=float,
        default=3.0,
        help="how long many clients fight for few slots: 60 for a thorough look",
    )
