"""`roadworthy up` in a process of its own, to be asked over HTTP and ended in every way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from infra.waiting import eventually
from roadworthy.embedded.ports import choose

READY_SECONDS = 90.0
STOP_SECONDS = 60.0


class Launcher:
    """One run of the launcher on one data folder."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = choose(data / "http-port")
        self.origin = f"http://127.0.0.1:{self.port}"
        self.output = data.parent / f"{data.name}.log"
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "roadworthy", "up"],
                env=os.environ | {"DATA": str(data), "PORT": str(self.port)},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    async def ready(self) -> dict[str, Any]:
        """Wait until everything is ready; return what `/readyz` says."""

        async def look() -> dict[str, Any] | None:
            assert self.process.poll() is None, self.said()
            try:
                async with httpx.AsyncClient(timeout=5) as http:
                    answer = await http.get(f"{self.origin}/readyz")
            except httpx.TransportError:
                return None
            return answer.json() if answer.is_success else None

        return await eventually(look, READY_SECONDS)

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
        """End it as a power cut would, but for the machine."""
        self.process.kill()
        self.process.wait(STOP_SECONDS)


@contextmanager
def launched(data: Path) -> Iterator[Launcher]:
    """Run the launcher while the block lasts."""
    launcher = Launcher(data)
    try:
        yield launcher
    finally:
        if launcher.process.poll() is None:
            launcher.stop()
