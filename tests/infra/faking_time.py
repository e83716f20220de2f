"""A database whose own clock can be set, by libfaketime: what its machine's clock would show."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from roadworthy.embedded.postgres import Postgres

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)


class SettableClock:
    """The clock of every process that was started with it."""

    def __init__(self, file: Path) -> None:
        self.file = file
        file.parent.chmod(0o755)  # its reader may be another user
        self.set(timedelta())

    def set(self, ahead: timedelta) -> None:
        """Have it show a time that is so far ahead."""
        draft = self.file.with_suffix(".draft")
        draft.write_text(f"{ahead.total_seconds():+f}s\n")
        draft.chmod(0o644)
        draft.replace(self.file)


@asynccontextmanager
async def postgres_with_clock(
    folder: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[str, SettableClock]]:
    """Run a server, and yield a database's URL and its clock; skips without libfaketime."""
    if LIBRARY is None:
        pytest.skip("setting a database's clock needs libfaketime (Debian: apt install faketime)")
    # Not below the test's own folder: that is closed to the user whom the server runs as.
    with tempfile.TemporaryDirectory(prefix="roadworthy-test-") as open_to_all:
        clock = SettableClock(Path(open_to_all) / "clock")
        faked = {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(clock.file),
            "FAKETIME_NO_CACHE": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }
        postgres = Postgres(folder / "postgres", (database,), durable=False)
        with monkeypatch.context() as patched:
            for name, value in faked.items():
                patched.setenv(name, value)
            await postgres.start()
        try:
            yield postgres.databases[database], clock
        finally:
            await postgres.stop()
