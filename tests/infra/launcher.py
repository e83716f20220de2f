"""`roadworthy up` in a process of its own, to be asked over HTTP and ended in every way."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.servers import INFRA
from infra.waiting import answered
from roadworthy.embedded.ports import choose, remember

READY_SECONDS = 90.0
STOP_SECONDS = 60.0


class Launcher:
    """One run of the launcher on one data folder.

    `within` are the first words of its command, which make the rest of it run somewhere else.
    """

    def __init__(self, data: Path, within: Sequence[str] = ()) -> None:
        self.data = data
        data.parent.mkdir(parents=True, exist_ok=True)
        port_file = data.with_suffix(".port")
        self.port = choose(port_file)
        remember(port_file, self.port)
        self.origin = f"http://127.0.0.1:{self.port}"
        self.output = data.parent / f"{data.name}.log"
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [*within, sys.executable, "-m", "roadworthy", "up"],
                env=_environment(data) | {"DATA": str(data), "PORT": str(self.port)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    async def ready(self) -> dict[str, Any]:
        """Wait until everything is ready; return what `/readyz` says."""

        def still_runs() -> None:
            assert self.process.poll() is None, self.said()

        found = await answered(f"{self.origin}/readyz", still_runs, READY_SECONDS)
        health: dict[str, Any] = found.json()
        return health

    def said(self) -> str:
        """Return everything it printed so far."""
        return self.output.read_text()

    def status(self) -> dict[str, Any]:
        """Return what `roadworthy status --json` prints."""
        words = [sys.executable, "-m", "roadworthy", "status", "--json", "--data", str(self.data)]
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=30)
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def stop(self) -> int:
        """Ask it to stop, as Ctrl-C does; return its exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOP_SECONDS)

    def kill(self) -> None:
        """End the whole process group as a power cut would."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(STOP_SECONDS)

    def login(self, role: str) -> dict[str, str]:
        """Return a client that the first start made."""
        logins: dict[str, dict[str, str]] = json.loads((self.data / "credentials.json").read_text())
        return logins[role]


def _environment(data: Path) -> dict[str, str]:
    if INFRA == "embedded":
        return {name: os.environ[name] for name in os.environ if name != "KAFKA_BOOTSTRAP_SERVERS"}
    # One installation's topics for each data folder, on a cluster that they share.
    prefix = hashlib.sha256(str(data).encode()).hexdigest()[:12]
    return os.environ | {"KAFKA_TOPIC_PREFIX": f"{prefix}.", "KAFKA_PARTITIONS": "3"}


@contextmanager
def launched(data: Path) -> Iterator[Launcher]:
    """Run the launcher while the block lasts."""
    launcher = Launcher(data)
    try:
        yield launcher
    finally:
        if launcher.process.poll() is None:
            launcher.stop()
