"""How xdist shares the tests out: a module is one worker's, except where its tests stand alone."""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

PLATFORM = "tests/integration/test_embedded_platform.py"
ALONE = (
    "tests/faults/test_disk_full.py",
    "tests/faults/test_notifier_broker.py",
    "tests/faults/test_notifier_faults.py",
    "tests/faults/test_power_cut.py",
    f"{PLATFORM}::test_ctrl_c_stops_everything_and_a_second_start_finds_it",
)
"""Tests that share no fixture and take long: each may go to another worker."""

LONG = (
    "tests/faults/test_power_cut.py",
    "tests/conformance/test_hostile.py",
    "tests/conformance/test_schemathesis.py",
    "tests/conformance/test_routes.py",
    PLATFORM,
    "tests/integration/test_order_histories.py",
)
"""What begins first, so that no worker has a long one when the others have done."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long ones first; the rest stays as it is."""
    places = {module: place for place, module in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.nodeid.split("::", 1)[0], len(LONG)))


@pytest.hookimpl(tryfirst=True, optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling | None:
    return ByModule(config, log) if config.getvalue("dist") == "loadscope" else None


class ByModule(LoadScopeScheduling):
    """Keeps a module's tests together, as its fixtures are shared by all of them."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid if nodeid.startswith(ALONE) else nodeid.split("::", 1)[0]
