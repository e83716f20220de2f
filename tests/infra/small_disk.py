"""A disk that can be filled up and cleared, with all that the launcher keeps on it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.launcher import Launcher

SIZE = "160m"  # a new cluster has 95 MB, and writes 16 MB of log at a time
MOUNT = 'mount -t tmpfs -o size="$1" roadworthy-test "$2" && shift 2 && exec "$@"'


class SmallDisk:
    """Seen by one launcher alone, and gone with it: it is mounted where nobody else looks."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self.launcher = Launcher(data, within=_mounted(data))
        # From here on, its files are read from outside.
        self.launcher.data = Path(f"/proc/{self.launcher.process.pid}/root{data}")
        self._ballast = self.launcher.data / "ballast"

    def fill(self) -> None:
        """Leave not one byte."""
        ballast = os.open(self._ballast, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            for size in (1 << 20, 1 << 12):
                while _written(ballast, bytes(size)):
                    pass
        finally:
            os.close(ballast)

    def clear(self) -> None:
        """Give the room back."""
        self._ballast.unlink()


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """Run the launcher on a small disk while the block lasts; skips where none can be had."""
    data = folder / "data"
    data.mkdir()
    if refused := _refused(data):
        pytest.skip(f"a small disk needs the right to mount one in a namespace: {refused}")
    disk = SmallDisk(data)
    try:
        yield disk
    finally:
        if disk.launcher.process.poll() is None:
            disk.launcher.stop()


def _mounted(data: Path) -> list[str]:
    # Whoever isn't root may mount in a user namespace of their own, where there are any.
    own = [] if os.geteuid() == 0 else ["--user", "--map-current-user", "--keep-caps"]
    return ["unshare", "--mount", *own, "sh", "-c", MOUNT, "sh", SIZE, str(data)]


def _refused(data: Path) -> str:
    """Say why no disk can be mounted, if so."""
    if sys.platform != "linux":
        return "there are none but on Linux"
    try:
        done = subprocess.run(
            [*_mounted(data), "true"], capture_output=True, text=True, timeout=10, check=False
        )
    except FileNotFoundError:
        return "unshare (util-linux) isn't installed"
    return done.stderr.strip() or (f"it ended with {done.returncode}" if done.returncode else "")


def _written(file: int, content: bytes) -> bool:
    try:
        return os.write(file, content) > 0
    except OSError:
        return False
