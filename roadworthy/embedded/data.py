"""The data folder: everything one launcher keeps on disk, for its user's eyes alone."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any

from roadworthy.embedded.errors import PartError


def private_folder(path: Path) -> Path:
    """Make the folder, or make it private (mode 700)."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    return path


def write_private(path: Path, value: dict[str, Any]) -> None:
    """Write JSON that only its owner can read (mode 600), whole or not at all."""
    draft = path.with_name(f".{path.name}.draft")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(value, file, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


class DataFolder:
    """A folder held by one launcher at a time; the kernel lets go of it however that one ends."""

    def __init__(self, path: Path) -> None:
        self.path = Path(os.path.abspath(path))  # without the `..` that absolute() leaves

    def __enter__(self) -> DataFolder:
        try:
            private_folder(self.path)
            self._lock = open(self.path / "lock", "a+")
        except OSError as error:
            raise PartError(
                f"{self.path} can't hold data ({error.strerror}). "
                "Choose a folder that you may write to, as in: DATA=elsewhere make up"
            ) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.seek(0)
            holder = self._lock.read().strip() or "unknown"
            self._lock.close()
            raise PartError(
                f"Another roadworthy (process {holder}) runs on {self.path}. "
                "Stop it, or choose another folder, as in: DATA=elsewhere make up"
            ) from None
        self._lock.truncate(0)
        self._lock.write(str(os.getpid()))
        self._lock.flush()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lock.close()

    def part(self, name: str) -> Path:
        """Return the private folder of one part."""
        return private_folder(self.path / name)
