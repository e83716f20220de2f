"""`--seeds`: the checklist as a table, each line with the tests that show it and their result."""

from __future__ import annotations

from pathlib import Path

import pytest

CHECKLIST = {
    int(number): text
    for line in (Path(__file__).parent / "checklist.txt").read_text().splitlines()
    for number, text in [line.split(". ", 1)]
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seeds", action="store_true", help="print the checklist with its tests")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("seeds"):
        config.pluginmanager.register(SeedReport())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Note each test's lines where its report carries them, from a worker to the controller too."""
    for item in items:
        for marker in item.iter_markers("seed"):
            for number in marker.args:
                if number not in CHECKLIST:
                    raise pytest.UsageError(f"{item.nodeid}: the checklist has no line {number}")
                item.user_properties.append(("seed", number))


class SeedReport:
    """Gathers what the tests report, and prints it at the end."""

    def __init__(self) -> None:
        self._passed: dict[int, dict[str, bool]] = {number: {} for number in CHECKLIST}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for name, number in report.user_properties:
            if name == "seed" and (report.when == "call" or report.failed) and not report.skipped:
                tests = self._passed[int(str(number))]
                tests[report.nodeid] = report.passed and tests.get(report.nodeid, True)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("checklist")
        results = {number: self._result(number) for number in CHECKLIST}
        for number, text in CHECKLIST.items():
            terminalreporter.write_line(f"{number:3} {results[number]:4}  {text}")
            for test, passed in sorted(self._passed[number].items()):
                terminalreporter.write_line(f"          {'' if passed else 'FAILED '}{test}")
        counts = [list(results.values()).count(kind) for kind in ("pass", "fail", "none")]
        terminalreporter.write_line(
            "{} of {} lines pass, {} fail, {} have no test".format(
                counts[0], len(CHECKLIST), *counts[1:]
            )
        )

    def _result(self, number: int) -> str:
        tests = self._passed[number].values()
        if not tests:
            return "none"
        return "pass" if all(tests) else "fail"
