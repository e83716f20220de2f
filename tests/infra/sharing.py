"""How xdist shares the tests out: a module is one worker's, except where its tests stand alone."""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

ALONE = {"tests/faults/test_power_cut.py"}
"""Modules whose tests share no fixture and take long: each may go to another worker."""


@pytest.hookimpl(tryfirst=True, optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling | None:
    return ByModule(config, log) if config.getvalue("dist") == "loadscope" else None


class ByModule(LoadScopeScheduling):
    """Keeps a module's tests together, as its fixtures are shared by all of them."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.split("::", 1)[0]
        return nodeid if module in ALONE else module
